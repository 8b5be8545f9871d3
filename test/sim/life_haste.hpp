// test/sim/life_haste.hpp -- an operator who tells of a leg's return in the instant of its failure.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_operator.hpp"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cimrep::test {

/// Hears from the log that a leg has failed, makes its disk good and tells of its return at once,
/// again and again with whatever happens next until that is accepted. When the leg is believed its
/// pair is parted in the same instant, and when that is answered the power goes soon. The labels of
/// the others may take their time meanwhile, and the relationship hears of the failure after them.
class life_haste {
public:
    explicit life_haste(life_process& process, life_operator& operators);
    life_haste(const life_haste&) = delete;
    life_haste& operator=(const life_haste&) = delete;
    ~life_haste();

    /// Something has happened, and nobody else is about to ask for anything.
    void look();

private:
    enum class stage : std::uint8_t { nothing, failed, looked_at, believed, parting };
    struct watched {
        std::string name;  ///< in the log
        stage at = stage::nothing;
        std::uint64_t looks_left = 0;
    };

    void failed(std::string_view name);
    void delay_labels(std::size_t but_not);
    stage next(std::size_t leg);
    stage tell_of_return(std::size_t leg);
    stage part(std::size_t leg);
    stage end_with_a_power_loss(std::size_t leg);

    life_process& process_;
    life_operator& operators_;
    life_world& world_;
    seeded_random random_;
    std::vector<watched> legs_;
    std::size_t waiting_ = 0;  ///< legs of which something is awaited
};

}  // namespace cimrep::test

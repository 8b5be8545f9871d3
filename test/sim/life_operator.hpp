// test/sim/life_operator.hpp -- an operator who asks the service for this and that.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_cuts.hpp"
#include "life_process.hpp"

namespace cimrep::test {

class life_operator {
public:
    explicit life_operator(life_process& process)
        : process_(process),
          world_(process.world),
          careless_(seed_of_part(seed_of_part(world_.options.seed, 77), world_.report.crashes)),
          cuts_(process)
    {
    }

    /// Asks for something, or lets the host of a target work.
    void step();

    void create(std::size_t index);
    void send(std::size_t index, operation what, bool force);
    /// Makes what the target holds the volume's content, if that is known.
    void restore(std::size_t index);

    life_cuts& cuts() noexcept { return cuts_; }

private:
    void modify(std::size_t index, relationship& pair);
    void answered(std::size_t index, operation what, const method_answer& answer);
    void cut_begins(std::size_t index);
    void cut_ends(std::size_t index, bool done);
    operation choose();
    bool may_be_forced(std::size_t index, operation what) const;
    bool end_of_restore(std::size_t index);
    void crowd(std::size_t index);
    void keep_busy(std::size_t but_not);
    void list(operation what);
    void older(std::size_t index, operation what);
    void be_refused();
    void resilver();
    void write_to_a_target(std::size_t index);
    void accept_after_failed_flush();
    void remove_carelessly();

    life_process& process_;
    life_world& world_;
    seeded_random careless_;
    life_cuts cuts_;
};

}  // namespace cimrep::test

// test/fuzz/service_life.hpp -- a client, a host and fate, who act as bytes say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "service_world.hpp"
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cimrep::test {

/// One life, step by step; corpus/service says what the bytes of a step are.
class service_life {
public:
    explicit service_life(std::span<const std::byte> input) : bytes_(input) {}

    void run()
    {
        for (unsigned steps = 0; !bytes_.empty() && steps < 64; ++steps) step();
        end();
    }

private:
    template <class Method>
    struct called : service_world::pending, method_op<Method> {
        std::string before;  ///< empty: something else went on
        monotonic_time started{};
        void finished(service_world& around) override;
    };
    struct hosted : service_world::pending, io_op {
        std::vector<std::byte> data;
        std::size_t region = 0;
        bool of_volume = false;
        content_memory::value written = 0;
        std::uint64_t writes_before = 0;
        error_code error{};
        void finished(service_world& around) override;
    };

    void step();
    void create();
    void modify();
    void modify_list();
    void attach();
    void modify_as_before();
    void ask_job();
    void query();
    void ask_capabilities();
    void keep_or_delete();
    void host(io_kind kind, unsigned which, std::size_t region);
    void host(io_kind kind)
    {
        const unsigned which = bytes_.below(3);
        host(kind, which, bytes_.below(fuzz_regions));
    }
    void add_fault();
    void let_go();
    void end_process();
    void read_everything();
    void compare_copies();
    void end();

    template <class Method>
    void call(typename Method::inputs in);
    /// All that a client can see.
    static std::string everything(const service_world& in)
    {
        std::string text = in.opened->dump();
        for (const auto& each : in.service->instances()) text += to_json(each) + '\n';
        return text;
    }
    std::optional<object_path> element();
    std::optional<object_path> instance();
    std::optional<replication_setting_data> settings();
    void may_change_source(bool brings)
    {
        if (brings || source_hurt_) world_.content.came_from_elsewhere();
    }

    service_world world_;
    fuzz_bytes bytes_;
    std::vector<object_path> past_;  ///< what was there once: instances that may be stale
    bool source_hurt_ = false;
};

}  // namespace cimrep::test

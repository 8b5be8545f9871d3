// service/job_store.cpp -- one commit on the heap for each record, which goes by itself.
// SPDX-License-Identifier: BSL-1.0
#include "job_store.hpp"

#include <boost/endian/conversion.hpp>

#include <array>

namespace cimrep::inline v0 {

namespace {

constexpr record_key number_key{record_kind::job_outcome, 0, 0};

}  // namespace

struct job_store::note : commit_op {
    std::array<unsigned char, 8> number{};
    std::string text;
    std::vector<record_change> all;
    std::function<void(error_code)> told;
    std::weak_ptr<bool> alive;
};

job_store::job_store(repository* below) : below_(below)
{
    if (below_ == nullptr) return;
    const auto last = below_->find(number_key);
    if (last && last->size() == 8)
        number_ +=
            boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(last->data()));
}

std::vector<std::pair<job_number, job_record>> job_store::recall(std::size_t& damaged) const
{
    std::vector<std::pair<job_number, job_record>> all;
    damaged = 0;
    if (below_ == nullptr) return all;
    below_->for_each(record_kind::job_outcome,
                     [&](const record_key& key, std::span<const std::byte> value) {
                         if (key == number_key) return;
                         if (auto job = decode_job(value))
                             all.push_back({{key.owner, key.index}, std::move(job).value()});
                         else
                             ++damaged;
                     });
    return all;
}

void job_store::write(job_number which, const job_record& what,
                      std::function<void(error_code)> done)
{
    auto made = std::make_unique<note>();
    made->text = encode(what);
    if (made->text.size() > record_value_bytes_max) {
        // What it waits for matters; what it works on follows from that for the most part.
        job_record shorter = what;
        shorter.job.birth.affected.clear();
        made->text = encode(shorter);
    }
    made->told = std::move(done);
    made->all = {{{record_kind::job_outcome, which.service, which.job},
                  std::as_bytes(std::span(made->text)),
                  false}};
    if (which.service == number_) {
        boost::endian::store_little_u64(made->number.data(), number_);
        made->all.push_back({number_key, std::as_bytes(std::span(made->number)), false});
    }
    commit(std::move(made));
}

void job_store::erase(job_number which)
{
    if (below_ == nullptr) return;
    auto made = std::make_unique<note>();
    made->all = {{{record_kind::job_outcome, which.service, which.job}, {}, true}};
    commit(std::move(made));
}

void job_store::commit(std::unique_ptr<note> made)
{
    made->alive = alive_;
    made->changes = made->all;
    made->done = [](commit_op& op, error_code error) noexcept {
        const std::unique_ptr<note> self(static_cast<note*>(&op));
        if (self->told && !self->alive.expired()) self->told(error);
    };
    below_->commit(*made.release());
}

}  // namespace cimrep::inline v0

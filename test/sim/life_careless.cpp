// test/sim/life_careless.cpp -- an operator removes a target without a look at what it holds.
// SPDX-License-Identifier: BSL-1.0
#include "life_operator.hpp"

namespace cimrep::test {

// Without Force, so that it is done only where the source has everything: what a target alone has
// would be lost with it.
void life_operator::remove_carelessly()
{
    if (process_.disk->legs().front().role == leg_role::current || !careless_.chance(0.3)) return;
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        const auto& its_host = process_.target_hosts[i];
        const bool idle = !world_.replicas[i].asked && (!its_host || its_host->quiet());
        if (idle && process_.pair(i) != nullptr && process_.holds_content(i))
            send(i, operation::detach, false);
    }
}

}  // namespace cimrep::test

// mutants/mutants.cpp -- the mutant that the environment names; an unknown name ends the program.
// SPDX-License-Identifier: BSL-1.0
#include "mutant_table.hpp"
#include <cstdio>
#include <cstdlib>

namespace cimrep::mutants {

namespace {

std::size_t choose()
{
    const char* wanted = std::getenv("CIMREP_MUTANT");
    if (wanted == nullptr || *wanted == '\0') return 0;
    for (std::size_t at = 0; at < std::size(table); ++at) {
        if (table[at].name != wanted) continue;
        std::fprintf(stderr, "broken by the mutant %s: %s\n", wanted, table[at].how.data());
        return at + 1;
    }
    std::fprintf(stderr,
                 "CIMREP_MUTANT=%s is none of the %zu mutants in test/mutants/mutant_table.hpp\n",
                 wanted, std::size(table));
    std::_Exit(99);
}

}  // namespace

const std::size_t chosen = choose();
std::uint64_t reached[std::size(table) + 1] = {};

}  // namespace cimrep::mutants

# Catch2, its header compiled once for all test programs: 3.x where found, else the 2.13 of Debian.
find_package(Catch2 3 QUIET)
if(NOT Catch2_FOUND AND NOT CMAKE_CROSSCOMPILING)
    find_package(Catch2 2 REQUIRED)
endif()
if(NOT TARGET Catch2::Catch2)
    # The toolchain file links the host's single header into the cross include directory.
    add_library(Catch2::Catch2 INTERFACE IMPORTED)
endif()
find_package(Threads REQUIRED)

# The runner: the distribution's where it has one for this system, since compiling it takes long.
add_library(catch_main INTERFACE)
target_compile_features(catch_main INTERFACE cxx_std_20)
target_include_directories(catch_main INTERFACE ${PROJECT_SOURCE_DIR}/test/support)
target_link_libraries(catch_main INTERFACE cimrep_core Threads::Threads)
if(TARGET Catch2::Catch2WithMain)
    target_link_libraries(catch_main INTERFACE Catch2::Catch2WithMain)
else()
    add_library(catch_runner STATIC ${PROJECT_SOURCE_DIR}/test/support/main.cpp)
    target_compile_features(catch_runner PRIVATE cxx_std_20)
    # Compiles in half the time; but GNU ld needs half a minute for its many sections on Windows.
    target_compile_options(catch_runner PRIVATE $<IF:$<BOOL:${WIN32}>,-O1,-O0>)
    target_link_libraries(catch_runner PUBLIC Catch2::Catch2)
    cimrep_strict(catch_runner)
    target_link_libraries(catch_main INTERFACE catch_runner)
endif()

# Tests that search nothing: half of their time would be the optimizer's. A sanitizer's are slow
# enough to be worth it, and the format of Windows has no room for so many sections.
if(NOT CIMREP_SANITIZE AND NOT WIN32)
    set(cimrep_test_options -O0)
endif()

# cimrep_test_headers(NAME HEADER...): what they include and few of them change, compiled once.
function(cimrep_test_headers name)
    add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/empty.cpp)
    target_link_libraries(${name} PUBLIC catch_main)
    target_compile_options(${name} PRIVATE ${cimrep_test_options})
    cimrep_strict(${name})
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test/support/catch.hpp
        <boost/intrusive/list.hpp> <boost/intrusive/set.hpp> <boost/outcome/std_result.hpp>
        <fmt/format.h> <algorithm> <array> <functional> <map> <memory> <optional> <random> <set>
        <span> <string> <variant> <vector> ${ARGN})
endfunction()

cimrep_test_headers(test_headers)
cimrep_test_headers(test_product_headers <cimrep/cimrep.hpp> <cimrep/cim/format.hpp>)

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

add_library(catch_main STATIC ${PROJECT_SOURCE_DIR}/test/support/main.cpp)
target_compile_features(catch_main PUBLIC cxx_std_20)
target_include_directories(catch_main PUBLIC ${PROJECT_SOURCE_DIR}/test/support)
target_link_libraries(catch_main PUBLIC Catch2::Catch2 cimrep_core Threads::Threads)
cimrep_strict(catch_main)

# The runner's own translation unit needs the header differently, so the shared one is built apart.
add_library(catch_header OBJECT ${PROJECT_SOURCE_DIR}/cmake/empty.cpp)
target_link_libraries(catch_header PUBLIC catch_main)
cimrep_strict(catch_header)
target_precompile_headers(catch_header PRIVATE ${PROJECT_SOURCE_DIR}/test/support/catch.hpp)

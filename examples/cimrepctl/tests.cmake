# How the program is tested: by running it.
find_program(CIMREP_MKFS mkfs.ext4 PATHS /usr/sbin /sbin)
if(NOT CIMREP_MKFS)
    message(STATUS "skipped: the demo's tests, for e2fsprogs is missing")
    return()
endif()

set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/cimrepctl)
add_test(NAME demo_files COMMAND cimrepctl demo --size 64M)
add_test(NAME demo_devices COMMAND ${scripts}/test_devices.sh $<TARGET_FILE:cimrepctl>)
add_test(NAME cimrepctl_commands COMMAND ${scripts}/test_commands.sh $<TARGET_FILE:cimrepctl>)
set_tests_properties(demo_files demo_devices cimrepctl_commands PROPERTIES TIMEOUT 300)
set_tests_properties(demo_devices PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
add_test(NAME cimrepctl_repository COMMAND ${scripts}/test_repository.sh
    $<TARGET_FILE:cimrepctl> ${PROJECT_SOURCE_DIR}/test/data)
set_tests_properties(cimrepctl_repository PROPERTIES TIMEOUT 600)

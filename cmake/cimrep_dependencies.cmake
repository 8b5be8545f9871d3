# What the library stands on, all of it from the distribution.
find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(liburing REQUIRED IMPORTED_TARGET liburing>=2.3)
    pkg_check_modules(blkid REQUIRED IMPORTED_TARGET blkid)
endif()

# Install rules and the package files.
include(CMakePackageConfigHelpers)

foreach(target IN LISTS cimrep_packaged)
    install(TARGETS ${target} EXPORT cimrepTargets FILE_SET HEADERS)
endforeach()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cimrep)
install(EXPORT cimrepTargets NAMESPACE cimrep:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/cimrepConfig.cmake.in
    ${PROJECT_BINARY_DIR}/cimrepConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cimrepConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cimrepConfig.cmake
    ${PROJECT_BINARY_DIR}/cimrepConfigVersion.cmake DESTINATION ${package_dir})

# The .pc file finds its prefix from where it lies, so that an installed tree can be moved.
file(RELATIVE_PATH cimrep_pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
set(cimrep_pc_private "")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(cimrep_pc_private "liburing >= 2.3, blkid")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/cimrep.pc.in ${PROJECT_BINARY_DIR}/cimrep.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cimrep.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

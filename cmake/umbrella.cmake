# cmake -P cmake/umbrella.cmake [-DCHECK=ON]: writes include/cimrep/cimrep.hpp, or says that it is stale.
cmake_minimum_required(VERSION 3.25)
get_filename_component(include ${CMAKE_CURRENT_LIST_DIR}/../include ABSOLUTE)
set(text "// cimrep.hpp -- every portable header; backends, Asio and the test devices are included by name.
// SPDX-License-Identifier: BSL-1.0
#pragma once

")
file(GLOB headers RELATIVE ${include} ${include}/cimrep/version.hpp
    ${include}/cimrep/base/*.hpp ${include}/cimrep/cim/*.hpp ${include}/cimrep/state/*.hpp
    ${include}/cimrep/engine/*.hpp ${include}/cimrep/io/*.hpp ${include}/cimrep/store/*.hpp
    ${include}/cimrep/runtime/*.hpp ${include}/cimrep/service/*.hpp)
list(FILTER headers EXCLUDE REGEX "format")  # these bring fmt along
list(SORT headers)
foreach(header IN LISTS headers)
    string(APPEND text "#include <${header}>\n")
endforeach()
if(NOT CHECK)
    file(WRITE ${include}/cimrep/cimrep.hpp "${text}")
    return()
endif()
set(present "")
if(EXISTS ${include}/cimrep/cimrep.hpp)
    file(READ ${include}/cimrep/cimrep.hpp present)
endif()
if(NOT present STREQUAL text)
    message(FATAL_ERROR "include/cimrep/cimrep.hpp is stale: run cmake -P cmake/umbrella.cmake")
endif()

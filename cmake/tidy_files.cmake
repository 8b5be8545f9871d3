# What the tidy checks share: which files there are, what is in them, and how to complain.
#
# Each check runs as `cmake -DROOT=<checkout> -P cmake/check_<what>.cmake` and fails with one line
# for each violation: <file>:<line>: <what is wrong>.
cmake_minimum_required(VERSION 3.25)

# tidy_find(OUT DIRECTORY...): all C++ files below ROOT/DIRECTORY, relative to ROOT; none is an error.
function(tidy_find out)
    set(found)
    foreach(directory IN LISTS ARGN)
        file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${directory}/*.hpp ${ROOT}/${directory}/*.cpp
            ${ROOT}/${directory}/*.ipp ${ROOT}/${directory}/*.h)
        list(APPEND found ${files})
    endforeach()
    if(NOT found)
        message(FATAL_ERROR "no C++ file below '${ROOT}' in: ${ARGN}")
    endif()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# tidy_lines(OUT FILE): its lines as a list, the characters that CMake lists trip over replaced.
function(tidy_lines out file)
    file(READ ${ROOT}/${file} text)
    string(ASCII 1 semicolon)
    string(REPLACE ";" "${semicolon}" text "${text}")
    string(REPLACE "[" "<:" text "${text}")
    string(REPLACE "]" ":>" text "${text}")
    string(REPLACE "\\" "/" text "${text}")
    string(REGEX REPLACE "\n$" "" text "${text}")
    string(REPLACE "\n" ";" text "${text}")
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

# tidy_code(OUT LINE): the line without its `//` comment and without what its strings say.
macro(tidy_code out line)
    string(REGEX REPLACE "\"[^\"]*\"" "\"\"" ${out} "${line}")
    string(REGEX REPLACE "//.*" "" ${out} "${${out}}")
endmacro()

function(tidy_complain place text)
    message(NOTICE "${place}: ${text}")
    set_property(GLOBAL APPEND PROPERTY tidy_complaints ${place})
endfunction()

# Ends the check: with an error if there was anything to complain of.
function(tidy_end)
    get_property(complaints GLOBAL PROPERTY tidy_complaints)
    list(LENGTH complaints count)
    if(count GREATER 0)
        message(FATAL_ERROR "${count} violations, listed above")
    endif()
endfunction()

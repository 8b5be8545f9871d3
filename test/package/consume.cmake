# Builds and runs consumer/ in a directory of its own, with the library found in the way WAY.
cmake_minimum_required(VERSION 3.25)

set(work ${BUILD}/test/package/${WAY})
set(prefix ${work}/prefix)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(NOT code EQUAL 0)
        message(NOTICE "${text}")
        message(FATAL_ERROR "'${ARGN}' fails: ${code}")
    endif()
    set(said "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${prefix} ${work}/consumer/CMakeCache.txt)
set(arguments -DWAY=${WAY} -DSHARED=${SHARED} -DBUILD_SHARED_LIBS=${SHARED})
if(WAY STREQUAL "add_subdirectory")
    # That it builds there is asked, not how fast it is: without the optimizer in half the time.
    list(APPEND arguments -DCIMREP=${SOURCE} -DCIMREP_FMT=fmt::fmt -DCMAKE_UNITY_BUILD=ON
        -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0)
else()
    # Moved after it was installed: the package must find itself from where it lies.
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix}-made)
    file(RENAME ${prefix}-made ${prefix})
    if(EXAMPLES)
        run(${prefix}/${BINDIR}/cimrepctl --version)
        if(NOT said MATCHES "^${VERSION}\n")
            message(FATAL_ERROR "the installed program says '${said}', not ${VERSION}")
        endif()
    endif()
    list(APPEND arguments -DCMAKE_PREFIX_PATH=${prefix})
endif()
run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${prefix}/${LIBDIR}/pkgconfig
    ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${work}/consumer -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${arguments})
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${prefix}/${LIBDIR} ${work}/consumer/consumer)
if(WAY STREQUAL "find_package")
    # As a user starts it: by what is written into the program and into the libraries.
    run(${work}/consumer/with_testing)
endif()

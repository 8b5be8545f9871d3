# What our own targets are compiled with. Never exported to users.
function(cimrep_strict target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers
        $<$<BOOL:${CIMREP_WERROR}>:-Werror>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # With -O3, g++ 12 sees overlaps in any "literal" + string (GCC bug 105651).
        target_compile_options(${target} PRIVATE -Wno-restrict)
    endif()
    if(CIMREP_SANITIZE)
        # Instrumented, the standard library's own code looks uninitialized to g++ 12, and Asio's
        # coroutine frames freed by another function than made them; the sanitizer sees to that.
        target_compile_options(${target} PRIVATE
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-mismatched-new-delete>
            -fsanitize=${CIMREP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
        target_link_options(${target} PRIVATE -fsanitize=${CIMREP_SANITIZE})
        if(CIMREP_SANITIZE MATCHES "address")
            # Each compiler has a way of its own to say so.
            target_compile_definitions(${target} PRIVATE CIMREP_ADDRESS_SANITIZER)
        endif()
        if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CIMREP_SANITIZE MATCHES "undefined")
            # clang 14 does not assemble coroutines under it.
            target_compile_options(${target} PRIVATE -fno-sanitize=function)
        endif()
    endif()
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

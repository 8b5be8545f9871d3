# What the core must not call: it asks its loop for time and randomness and starts no thread, since
# the simulation depends on it; and it builds without run-time type information.
include(${CMAKE_CURRENT_LIST_DIR}/tidy_files.cmake)

# The rooms that know no operating system. In io a loop may ask for the time; async is Asio's.
set(core_rooms base cim state engine store runtime service testing)
set(core_headers "thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|ctime|csignal")
set(core_calls
    "(steady|system|high_resolution)_clock" "std::(j?thread|async|mutex|random_device)" "[^a-z_.>]s?rand *[(]"
    "getrandom *[(]" "getentropy *[(]" "clock_gettime" "gettimeofday" "[^a-z_.>]time *[(] *(0|NULL|nullptr|&)"
    "sleep(_for|_until)? *[(]" "std::time *[(]" "[^a-z_]getenv *[(]" "pthread_")
set(library_words "dynamic_cast *<" "[^a-z_]typeid *[(]" "BOOST_ASIO_HAS_IO_URING" "[^a-z_]co_(await|return|yield)[^a-z_]")

tidy_find(files include lib)
foreach(file IN LISTS files)
    string(REGEX MATCH "^(include/cimrep|lib)/([a-z]+)/" room ${file})
    set(room "${CMAKE_MATCH_2}")
    tidy_lines(lines ${file})
    set(number 0)
    foreach(line IN LISTS lines)
        math(EXPR number "${number} + 1")
        tidy_code(code " ${line} ")
        foreach(word IN LISTS library_words)
            if(code MATCHES "${word}")
                tidy_complain(${file}:${number} "'${CMAKE_MATCH_0}' in the library")
            endif()
        endforeach()
        if(NOT room IN_LIST core_rooms)
            continue()
        endif()
        if(code MATCHES "^ *# *include *<(${core_headers})>")
            tidy_complain(${file}:${number} "<${CMAKE_MATCH_1}> in '${room}': the loop has time and threads")
        endif()
        foreach(call IN LISTS core_calls)
            if(code MATCHES "${call}")
                tidy_complain(${file}:${number} "'${CMAKE_MATCH_0}' in '${room}': the loop has time, randomness and threads")
            endif()
        endforeach()
    endforeach()
endforeach()
tidy_end()

# Tests of the program from outside: by its exit status, what it says and the files it leaves.
add_test(NAME bad_configurations COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bad.sh $<TARGET_FILE:duel>)
foreach(part usage rows runs resolved resume signal sample sampler faults diverge data other_data configs speed)
    add_test(NAME cli_${part} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli.sh $<TARGET_FILE:duel> ${part})
    set_tests_properties(cli_${part} PROPERTIES TIMEOUT 300)
endforeach()
add_test(NAME installed COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/installed.sh ${CMAKE_COMMAND} ${CMAKE_BINARY_DIR})
if(NOT DUEL_SANITIZE) # which keep freed memory
    add_test(NAME cli_growth COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli.sh $<TARGET_FILE:duel> growth)
endif()

# Tests of the program from outside: by its exit status, what it says and the files it leaves.
add_test(NAME bad_configurations COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bad.sh $<TARGET_FILE:duel>)
foreach(part
    configs
    data
    describe_data
    diverge
    faults
    images
    live
    load
    observe
    other_data
    resolved
    resume
    rows
    runs
    sample
    sampler
    seed
    signal
    speed
    streams
    usage
    watch)
    add_test(NAME cli_${part} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli.sh $<TARGET_FILE:duel> ${part})
    set_tests_properties(cli_${part} PROPERTIES TIMEOUT 300)
endforeach()
add_test(NAME installed COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/installed.sh ${CMAKE_COMMAND} ${CMAKE_BINARY_DIR})
foreach(shell bash zsh fish)
    add_test(NAME completion_${shell} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/completion.sh $<TARGET_FILE:duel> ${shell})
    set_tests_properties(completion_${shell} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()
add_test(NAME new_experiments COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/new.sh $<TARGET_FILE:duel>)
set_tests_properties(new_experiments PROPERTIES TIMEOUT 900)
add_test(NAME describe COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/describe.sh $<TARGET_FILE:duel>)
add_test(NAME manual COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/manual.sh $<TARGET_FILE:duel>)
if(NOT DUEL_SANITIZE) # which keep freed memory, and would take minutes over large networks
    add_test(NAME cli_growth COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli.sh $<TARGET_FILE:duel> growth)
    add_test(NAME train_configs COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/train_configs.sh $<TARGET_FILE:duel>)
    set_tests_properties(train_configs PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()

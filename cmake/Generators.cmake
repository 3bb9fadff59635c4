# Sources that are made by re2c and Lemon. Both write into the build tree and append to the variable named first.

find_program(RE2C re2c)
find_program(LEMON lemon)
foreach(tool RE2C LEMON)
    if(NOT ${tool})
        string(TOLOWER ${tool} name)
        message(FATAL_ERROR "${name} is missing; it makes sources from grammar/. On Debian: apt-get install ${name}")
    endif()
endforeach()

# re2c_target(<variable> <file.re>): adds <file>.c to the list <variable>.
function(re2c_target sources input)
    get_filename_component(name ${input} NAME_WE)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${RE2C} -W --no-generation-date --no-debug-info -o ${output} ${input}
        DEPENDS ${input}
        VERBATIM)
    set(${sources} ${${sources}} ${output} PARENT_SCOPE)
endfunction()

# lemon_target(<variable> <file.y>): adds <file>.c to the list <variable>, and makes <file>.h. A conflict fails the build.
# -c: without default reductions, so that an error is found before anything is reduced on its account.
function(lemon_target sources input)
    get_filename_component(name ${input} NAME_WE)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
    set(header ${CMAKE_CURRENT_BINARY_DIR}/${name}.h)
    add_custom_command(
        OUTPUT ${output} ${header}
        BYPRODUCTS ${CMAKE_CURRENT_BINARY_DIR}/${name}.out
        COMMAND ${LEMON} -c -l -d${CMAKE_CURRENT_BINARY_DIR} ${input}
        DEPENDS ${input}
        VERBATIM)
    # Lemon's template leaves parameters and variables unused, and computes sizes in int.
    set_source_files_properties(${output} PROPERTIES COMPILE_OPTIONS "-Wno-missing-prototypes;-Wno-unused-parameter;-Wno-unused-variable;-Wno-sign-conversion")
    set(${sources} ${${sources}} ${output} ${header} PARENT_SCOPE)
endfunction()

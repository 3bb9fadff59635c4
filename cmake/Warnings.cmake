# What every target of the project is compiled with: link it PRIVATE.

set(MDL_SANITIZE "" CACHE STRING "Sanitizers to compile and link with, such as address;undefined")

add_library(warnings INTERFACE)
target_compile_options(warnings INTERFACE
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
    -Wall
    -Wextra
    -Wconversion
    -Wformat=2
    -Wpedantic
    -Wshadow)

if(MDL_SANITIZE)
    list(JOIN MDL_SANITIZE "," sanitizers)
    add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${sanitizers})
endif()

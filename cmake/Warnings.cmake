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

# Of the product: what another file calls is declared in a header.
add_library(product_warnings INTERFACE)
target_link_libraries(product_warnings INTERFACE warnings)
target_compile_options(product_warnings INTERFACE -Wmissing-prototypes)

if(MDL_SANITIZE)
    list(JOIN MDL_SANITIZE "," sanitizers)
    add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${sanitizers})
endif()

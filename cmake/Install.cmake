# cmake --install: the compiler, libmdl with its headers, and what find_package(mdl) and pkg-config need.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS mdlc mdl EXPORT mdlTargets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# mdlc finds its helper for HDF5 in libexec beside its bin.
if(TARGET mdl-hdf5)
    install(TARGETS mdl-hdf5 RUNTIME DESTINATION libexec/mdl)
endif()
install(FILES
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_code.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_isa.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_isa_begin.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_isa_end.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_math.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_math_f.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_product.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_rows.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_share.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_small.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_ops.h
    ${PROJECT_SOURCE_DIR}/runtime/include/mdl/mdl_weights.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mdl)
# In the sources this one is a link to the catalogue.
install(FILES ${PROJECT_SOURCE_DIR}/runtime/ops.def RENAME mdl_ops.def DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mdl)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/mdl)
install(EXPORT mdlTargets NAMESPACE mdl:: DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mdlConfig.cmake.in ${PROJECT_BINARY_DIR}/mdlConfig.cmake
    INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mdlConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mdlConfig.cmake ${PROJECT_BINARY_DIR}/mdlConfigVersion.cmake DESTINATION ${package})

file(RELATIVE_PATH MDL_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" MDL_UP ${MDL_UP})
configure_file(${CMAKE_CURRENT_LIST_DIR}/mdl.pc.in ${PROJECT_BINARY_DIR}/mdl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mdl.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# From the graph to C; paths from compiler/. Needs runtime/include, and libmdl for the registry.
set(MDLC_EMIT_SOURCES
    emit/cwriter.c emit/emit.c emit/emit_call.c emit/emit_dim.c emit/emit_epilogue.c emit/emit_function.c emit/emit_header.c
    emit/emit_instantiate.c emit/emit_kernel.c emit/emit_loop.c emit/emit_manifest.c emit/emit_outline.c emit/emit_prepare.c
    emit/emit_program.c emit/emit_range.c emit/emit_reductions.c emit/emit_report.c emit/emit_rows.c emit/emit_samples.c emit/emit_scan.c
    emit/emit_step.c emit/emit_text.c emit/emit_value.c emit/emit_work.c emit/names.c emit/walk.c emit/workspace.c)

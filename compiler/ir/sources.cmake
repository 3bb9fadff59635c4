# The graph and its passes; paths from compiler/.
set(MDLC_IR_SOURCES
    ir/blocks.c ir/choose_attention.c ir/choose_packed.c ir/choose_winograd.c ir/dedupe.c ir/epilogue.c ir/epilogue_plain.c ir/fixed.c
    ir/fold.c ir/fold_padding.c ir/fold_scale.c ir/gates.c ir/ir.c ir/ir_print.c ir/ir_verify.c ir/layout.c ir/legalize.c ir/loops.c ir/passes.c
    ir/plan.c ir/prepare.c ir/roll.c ir/rows.c ir/samples.c ir/share.c ir/signature.c ir/slices.c ir/states.c ir/transpose_early.c)

/* The options of the manifest, the same for `mdlc manifest` and for every compiled program. */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "options.h"

const char *mdl_manifest_help(void)
{
    return "  --format text       a table for people (the default)\n"
           "  --format json       everything, for programs; docs/manifest.schema.json describes it\n"
           "  --format csv        a line for each variable, for spreadsheets\n"
           "  --format markdown   tables for a README\n"
           "  --layers            layers instead of variables: a tree with classes, outputs and counts\n"
           "  --trainable         only variables that training updates\n"
           "  --non-trainable     only the others: states, and what is frozen\n"
           "  --filter GLOB       only variables whose path (or alias) matches: --filter '*.attn.*.kernel'\n"
           "                      `*` stands for any text, `?` for a character, `[0-9]` for one of a set\n"
           "  --template LINE     a line for each variable:\n"
           "                      --template 'Weight {index}: Shape = {shape}, Name = {path}'\n"
           "                      placeholders: index path shape dtype parameters bytes trainable reason\n"
           "                      initializer layer class source aliases keras_path keras2_name h5_path\n"
           "  --width COLUMNS     how wide text may be: the terminal, else 80; 0 for as wide as it gets\n";
}

static int read_format(const char *value, mdl_manifest_options *o, mdl_error *error)
{
    static const char *const names[] = {
        [MDL_TEXT] = "text", [MDL_JSON] = "json", [MDL_CSV] = "csv", [MDL_MARKDOWN] = "markdown"};
    for (size_t i = 0; i < countof(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            o->format = (mdl_manifest_format)i;
            return 1;
        }
    }
    mdl_fail(error, MDL_USAGE, "--format is text, json, csv or markdown, not `%.80s`", value);
    return -1;
}

static int read_width(const char *value, mdl_manifest_options *o, mdl_error *error)
{
    char      *end;
    const long width = strtol(value, &end, 10);
    if (end == value || *end != '\0' || width < 0 || (width > 0 && width < 40) || width > 10000) {
        mdl_fail(error, MDL_USAGE, "--width is 0 or from 40 to 10000, not `%.80s`", value);
        return -1;
    }
    o->width = width == 0 ? MDL_WIDE : (int)width;
    return 1;
}

static int read_select(mdl_selection which, mdl_manifest_options *o, int *at, mdl_error *error)
{
    if (o->select != MDL_ALL && o->select != which) {
        mdl_fail(error, MDL_USAGE, "--trainable and --non-trainable together would list nothing");
        return -1;
    }
    o->select = which;
    ++*at;
    return 1;
}

/* One of two would be ignored: filters do not add up. */
static int fail_twice(const char *option, mdl_error *error)
{
    mdl_fail(error, MDL_USAGE, "%s is given twice", option);
    return -1;
}

int mdl_manifest_option(mdl_manifest_options *o, int argc, char *const *argv, int *at, mdl_error *error)
{
    const char *value;
    int         took;
    if (strcmp(argv[*at], "--layers") == 0) {
        o->layers = true;
        ++*at;
        return 1;
    }
    if (strcmp(argv[*at], "--trainable") == 0) return read_select(MDL_TRAINABLE, o, at, error);
    if (strcmp(argv[*at], "--non-trainable") == 0) return read_select(MDL_NON_TRAINABLE, o, at, error);
    if ((took = mdl_take_value("--format", argc, argv, at, &value, error)) != 0) {
        return took < 0 ? took : read_format(value, o, error);
    }
    if ((took = mdl_take_value("--width", argc, argv, at, &value, error)) != 0) {
        return took < 0 ? took : read_width(value, o, error);
    }
    if ((took = mdl_take_value("--filter", argc, argv, at, &value, error)) != 0) {
        if (took > 0 && o->filter != NULL) return fail_twice("--filter", error);
        if (took > 0) o->filter = value;
        return took;
    }
    if ((took = mdl_take_value("--template", argc, argv, at, &value, error)) != 0) {
        if (took > 0 && o->line != NULL) return fail_twice("--template", error);
        if (took > 0) o->line = value;
        return took < 0 || mdl_template_check(value, error) != MDL_OK ? -1 : 1;
    }
    return 0;
}

mdl_status mdl_manifest_check(const mdl_manifest_options *o, mdl_error *error)
{
    if (o->line != NULL && (o->format != MDL_TEXT || o->layers)) {
        return mdl_fail(error, MDL_USAGE, "--template prints lines of its own: leave out %s",
                        o->layers ? "--layers" : "--format");
    }
    return o->line != NULL ? mdl_template_check(o->line, error) : MDL_OK;
}

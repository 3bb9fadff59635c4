#include "roles.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../base/bug.h"
#include "../base/vec.h"

/* ---- the vocabulary ----
 * Words as they stand in names, lower case; a number is a word of its own. Longer phrases come before their parts. An empty role:
 * it says nothing about the weight. */
static const struct {
    const char *words, *role;
} phrases[] = {
    /* embeddings */
    {"token type embeddings", "types"},
    {"tok type embeddings", "types"},
    {"segment types", "types"},
    {"segment embeddings", "types"},
    {"word embeddings", "tokens"},
    {"embed tokens", "tokens"},
    {"tok embeddings", "tokens"},
    {"token embedding", "tokens"},
    {"token embeddings", "tokens"},
    {"embed in", "tokens"},
    {"wte", "tokens"},
    {"words", "tokens"},
    {"embed", "tokens"},
    {"position embeddings", "positions"},
    {"position embedding", "positions"},
    {"pos embedding", "positions"},
    {"pos embed", "positions"},
    {"embed positions", "positions"},
    {"posembed input pos embedding", "positions"},
    {"wpe", "positions"},
    {"positions", "positions"},
    {"cls token", "class"},
    {"class token", "class"},
    {"cls", "class"},
    {"patch embeddings projection", "patches"},
    {"patch embed proj", "patches"},
    {"patch embedding", "patches"},
    {"conv proj", "patches"},
    {"patches", "patches"},
    {"embeddings layernorm", "embedding_norm"},
    {"embeddings layer norm", "embedding_norm"},
    {"emb layer norm", "embedding_norm"},
    {"embeddings norm", "embedding_norm"},
    {"layernorm embedding", "embedding_norm"},
    /* attention */
    {"attention output layernorm", "norm1"},
    {"attention output layer norm", "norm1"},
    {"attention output dense", "out"},
    {"attention attention output", "out"},
    {"attention output", "out"},
    {"attn c attn", "qkv"},
    {"c attn", "qkv"},
    {"attn qkv", "qkv"},
    {"qkv", "qkv"},
    {"query key value", "qkv_of_heads"}, /* which GPT-NeoX, BLOOM and Falcon have head by head */
    {"in proj", "qkv"},
    {"q proj", "query"},
    {"k proj", "key"},
    {"v proj", "value"},
    {"wq", "query"},
    {"wk", "key"},
    {"wv", "value"},
    {"query", "query"},
    {"key", "key"},
    {"value", "value"},
    {"attn c proj", "out"},
    {"o proj", "out"},
    {"out proj", "out"},
    {"wo", "out"},
    {"attn proj", "out"},
    {"attn out", "out"},
    {"attention out", "out"},
    /* the two dense layers of a block */
    {"mlp c fc", "up"},
    {"intermediate dense", "up"},
    {"up proj", "up"},
    {"mlp fc 1", "up"},
    {"linear 1", "up"},
    {"fc 1", "up"},
    {"up", "up"},
    {"mlp c proj", "down"},
    {"output dense", "down"},
    {"down proj", "down"},
    {"mlp fc 2", "down"},
    {"linear 2", "down"},
    {"fc 2", "down"},
    {"down", "down"},
    {"gate proj", "gate"},
    {"gate", "gate"},
    /* the two normalizations of a block */
    {"self attn layer norm", "norm1"},
    {"layernorm before", "norm1"},
    {"input layernorm", "norm1"},
    {"attention norm", "norm1"},
    {"output layernorm", "norm2"},
    {"output layer norm", "norm2"},
    {"layernorm after", "norm2"},
    {"post attention layernorm", "norm2"},
    {"feed forward norm", "norm2"},
    {"ffn norm", "norm2"},
    {"output norm", "norm2"},
    {"final layer norm", "norm2"},
    {"ln 1", "norm1"},
    {"ln 2", "norm2"},
    /* ends */
    {"ln f", "norm"},
    {"final norm", "norm"},
    {"layernorm", "norm"},
    {"layer norm", "norm"},
    {"lm head", "head"},
    {"classifier", "head"},
    {"predictions", "head"},
    {"head", "head"},
    {"fc", "head"},
    {"pooler dense", "pooler"},
    {"pooler", "pooler"},
    /* convolutions */
    {"downsample 0", "shortcut_conv"},
    {"downsample 1", "shortcut_norm"},
    {"shortcut conv", "shortcut_conv"},
    {"shortcut norm", "shortcut_norm"},
    {"stem conv", "conv1"},
    {"stem norm", "norm1"},
    {"conv 1", "conv1"},
    {"conv 2", "conv2"},
    {"conv 3", "conv3"},
    {"bn 1", "norm1"},
    {"bn 2", "norm2"},
    {"bn 3", "norm3"},
    {"norm 1", "norm1"},
    {"norm 2", "norm2"},
    {"norm 3", "norm3"},
    {"norm", "norm"},
    /* what says nothing */
    {"transformer", ""},
    {"model", ""},
    {"bert", ""},
    {"vit", ""},
    {"encoder", ""},
    {"encoderblock", ""},
    {"layers", ""},
    {"layer", ""},
    {"blocks", ""},
    {"block", ""},
    {"stages", ""},
    {"stage", ""},
    {"h", ""},
    {"attention", ""},
    {"attn", ""},
    {"self", ""},
    {"self attn", ""},
    {"mlp", ""},
    {"feed forward", ""},
    {"ffn", ""},
    {"embeddings", ""},
    {"params", ""},
    {"module", ""},
};

static const struct {
    const char *word;
    Part        part;
    bool        in_out;
} parts[] = {
    {"weight", PART_KERNEL, false},
    {"kernel", PART_KERNEL, true},
    {"embeddings", PART_KERNEL, true},
    {"embedding", PART_KERNEL, true},
    {"gamma", PART_KERNEL, true},
    {"scale", PART_KERNEL, true},
    {"bias", PART_BIAS, false},
    {"beta", PART_BIAS, true},
    {"running_mean", PART_MEAN, false},
    {"moving_mean", PART_MEAN, true},
    {"running_var", PART_VARIANCE, false},
    {"moving_variance", PART_VARIANCE, true},
};

static const char *const buffers[] = {"num_batches_tracked", "position_ids", "inv_freq", "masked_bias", "token_type_ids"};

/* ---- words ---- */

typedef VEC(const char *) Words;

/* The last component, without the ":0" of Keras 2. */
static const char *last_component(Arena *a, const char *path, size_t *rest)
{
    size_t n = strlen(path), at;
    if (n > 2 && !strcmp(path + n - 2, ":0")) n -= 2;
    for (at = n; at && !strchr("./", path[at - 1]); at--) {}
    *rest = at;
    return arena_copy(a, path + at, n - at);
}

/* "attn", "c", "attn" of "attn.c_attn"; digits apart from letters. */
static void split(Arena *a, const char *s, size_t len, Words *words)
{
    for (size_t i = 0; i < len;) {
        size_t     n = 0;
        const bool digit = isdigit((unsigned char)s[i]);
        while (i + n < len && isalnum((unsigned char)s[i + n]) && !isdigit((unsigned char)s[i + n]) == !digit) n++;
        if (n) {
            char *word = arena_copy(a, s + i, n);
            for (size_t k = 0; k < n; k++) word[k] = (char)tolower((unsigned char)word[k]);
            vec_push(a, words, word);
        }
        i += n ? n : 1;
    }
}

/* How many words the phrase takes at `at`; 0 if it does not stand there. */
static size_t stands_at(const Words *words, size_t at, const char *phrase)
{
    size_t n = 0;
    for (const char *s = phrase; *s; n++) {
        const size_t k = strcspn(s, " ");
        if (at + n >= words->len || strlen(words->at[at + n]) != k || strncmp(words->at[at + n], s, k)) return 0;
        s += k + (s[k] == ' ');
    }
    return n;
}

static size_t longest_phrase(const Words *words, size_t at, const char **role)
{
    size_t most = 0;
    for (size_t i = 0; i < countof(phrases); i++) {
        const size_t n = stands_at(words, at, phrases[i].words);
        if (n <= most) continue;
        most = n;
        *role = phrases[i].role;
    }
    return most;
}

static void put_word(StrBuf *key, const char *word)
{
    if (*word) sb_printf(key, "%s%s", key->len ? "." : "", word);
}

/* ---- the role ---- */

static size_t read_part(Arena *a, const char *path, Role *r)
{
    size_t      rest;
    const char *last = last_component(a, path, &rest);
    for (size_t i = 0; i < countof(buffers); i++) r->buffer |= !strcmp(last, buffers[i]);
    /* PyTorch's attention has its projections as parameters of its own: "in_proj_weight". */
    if (!strncmp(last, "in_proj_", 8)) {
        rest += 7;
        last += 8;
    }
    for (size_t i = 0; i < countof(parts); i++) {
        if (strcmp(last, parts[i].word)) continue;
        r->part = parts[i].part;
        r->in_out = parts[i].in_out;
        return rest;
    }
    return strlen(path);
}

Role role_of(Arena *a, const char *path)
{
    Role         r = {.known = true};
    StrBuf       key = {.arena = a};
    Words        words = {0};
    const size_t len = read_part(a, path, &r);
    split(a, path, len, &words);
    for (size_t i = 0; i < words.len;) {
        const char  *role = "";
        const size_t n = longest_phrase(&words, i, &role);
        if (n) put_word(&key, role);
        else if (isdigit((unsigned char)words.at[i][0])) {
            if (r.nindices == ROLE_MAX_INDICES || strlen(words.at[i]) > 9) r.known = false;
            else r.indices[r.nindices++] = atol(words.at[i]);
        }
        else {
            put_word(&key, arena_printf(a, "?%s", words.at[i]));
            r.known = false;
        }
        i += n ? n : 1;
    }
    r.key = sb_text(&key);
    return r;
}

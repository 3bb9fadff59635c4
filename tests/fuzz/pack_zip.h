/* A zip archive of stored members with right checksums, which no fuzzer guesses. Each member is a byte, the length of its name; the
 * name; two bytes, the length of its content (little-endian); the content. What doesn't suffice is cut. */
#ifndef FUZZ_PACK_ZIP_H
#define FUZZ_PACK_ZIP_H

#include <stdint.h>
#include <string.h>

enum { PACK_MEMBERS = 32, PACK_FRAME = 30 + 46 + 255, PACK_END = 22 };

static inline uint32_t pack_crc(const uint8_t *s, size_t len)
{
    static uint32_t table[256];
    uint32_t        crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < len; i++) crc = crc >> 8 ^ table[(crc ^ s[i]) & 0xFF];
    return ~crc;
}

static inline uint8_t *pack_number(uint8_t *to, uint32_t v, int size)
{
    for (int i = 0; i < size; i++) *to++ = (uint8_t)(v >> 8 * i);
    return to;
}

/* What a local header and an entry of the directory share: from the version needed to the name's length. */
static inline uint8_t *pack_fields(uint8_t *to, const uint8_t *content, size_t size, size_t name_len)
{
    to = pack_number(pack_number(pack_number(to, 20, 2), 0, 4), 0x210000, 4);
    to = pack_number(pack_number(to, pack_crc(content, size), 4), (uint32_t)size, 4);
    return pack_number(pack_number(pack_number(to, (uint32_t)size, 4), (uint32_t)name_len, 2), 0, 2);
}

/* `out` has room for len + PACK_MEMBERS * PACK_FRAME + PACK_END more; returns how much it became. */
static inline size_t pack_zip(const uint8_t *data, size_t len, uint8_t *out)
{
    static uint8_t directory[PACK_MEMBERS * PACK_FRAME];
    uint8_t       *to = out, *entry = directory;
    uint32_t       count = 0;
    for (size_t at = 0; at < len && count < PACK_MEMBERS; count++) {
        const size_t   left = len - at - 1, name_len = data[at] < left ? data[at] : left;
        const uint8_t *name = data + at + 1;
        at += 1 + name_len;
        const size_t   claimed = len - at >= 2 ? data[at] | (size_t)data[at + 1] << 8 : 0;
        at += len - at >= 2 ? 2 : len - at;
        const size_t   size = claimed < len - at ? claimed : len - at;
        const uint32_t begin = (uint32_t)(to - out);
        to = pack_fields(pack_number(to, 0x04034B50, 4), data + at, size, name_len);
        memcpy(to, name, name_len);
        memcpy(to + name_len, data + at, size);
        to += name_len + size;
        entry = pack_fields(pack_number(pack_number(entry, 0x02014B50, 4), 20, 2), data + at, size, name_len);
        entry = pack_number(pack_number(pack_number(entry, 0, 4), 0, 4), 0, 2);
        entry = pack_number(entry, begin, 4);
        memcpy(entry, name, name_len);
        entry += name_len;
        at += size;
    }
    const uint32_t begin = (uint32_t)(to - out), size = (uint32_t)(entry - directory);
    memcpy(to, directory, size);
    to = pack_number(pack_number(to + size, 0x06054B50, 4), 0, 4);
    to = pack_number(pack_number(to, count, 2), count, 2);
    to = pack_number(pack_number(pack_number(to, size, 4), begin, 4), 0, 2);
    return (size_t)(to - out);
}

#endif

#include "h5_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { FIRST_PIECE = 4096 }; /* of a message */

/* It is gone, as sending or receiving said: why. */
static mdl_status fail_gone(Helper *h, ssize_t n, mdl_error *error)
{
    if (n < 0 && errno != EPIPE && errno != ECONNRESET) return helper_broken(h, error);
    const char *how = helper_wait(h);
    return mdl_fail(error, MDL_BAD_FILE, "%s: %s%s", h->file, how ? how : "the HDF5 library ended early",
                    how ? ": the file is damaged, or made to do harm" : "");
}

static mdl_status send_all(Helper *h, const void *bytes, size_t len, mdl_error *error)
{
    const char *s = bytes;
    while (len) {
        const ssize_t n = send(h->socket, s, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            const mdl_status status = helper_await(h, POLLOUT, error);
            if (status != MDL_OK) return status;
            continue;
        }
        if (n <= 0) return fail_gone(h, n, error);
        s += n;
        len -= (size_t)n;
    }
    return MDL_OK;
}

mdl_status helper_send(Helper *h, unsigned char tag, const void *bytes, size_t len, mdl_error *error)
{
    const unsigned char head[5] = {tag, (unsigned char)len, (unsigned char)(len >> 8), (unsigned char)(len >> 16),
                                   (unsigned char)(len >> 24)};
    const mdl_status    status = send_all(h, head, sizeof head, error);
    return status == MDL_OK ? send_all(h, bytes, len, error) : status;
}

static mdl_status receive_all(Helper *h, void *bytes, size_t len, mdl_error *error)
{
    char *s = bytes;
    while (len) {
        const ssize_t n = recv(h->socket, s, len, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            const mdl_status status = helper_await(h, POLLIN, error);
            if (status != MDL_OK) return status;
            continue;
        }
        if (n <= 0) return fail_gone(h, n, error);
        s += n;
        len -= (size_t)n;
    }
    return MDL_OK;
}

/* Room grows as bytes come: a length that lies costs no memory. */
static mdl_status receive_body(Helper *h, Message *m, mdl_error *error)
{
    size_t done = 0;
    do {
        const size_t next = m->len < m->room || m->len - done <= FIRST_PIECE + done ? m->len : FIRST_PIECE + 2 * done;
        if (next >= m->room) {
            char *bytes = realloc(m->bytes, next + 1);
            if (!bytes) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
            m->bytes = bytes;
            m->room = next + 1;
        }
        const mdl_status status = receive_all(h, m->bytes + done, next - done, error);
        if (status != MDL_OK) return status;
        done = next;
    } while (done < m->len);
    m->bytes[m->len] = 0;
    return MDL_OK;
}

/* What it says may hold anything; a line of printable characters is shown. */
static mdl_status fail_said(const Helper *h, const Message *m, mdl_error *error)
{
    char   text[512];
    size_t n = 0;
    for (size_t i = 0; i < m->len && n + 1 < sizeof text; i++) {
        const unsigned char c = (unsigned char)m->bytes[i];
        text[n++] = (char)(c < 32 || c == 127 ? '?' : c);
    }
    text[n] = 0;
    return mdl_fail(error, MDL_BAD_FILE, "%s: %s", h->file, text);
}

mdl_status helper_receive(Helper *h, Message *m, mdl_error *error)
{
    unsigned char head[5];
    mdl_status    status = receive_all(h, head, sizeof head, error);
    if (status != MDL_OK) return status;
    m->tag = head[0];
    m->len = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    if (m->len > H5_MAX_MESSAGE) return mdl_fail(error, MDL_BAD_FILE, "%s: the HDF5 helper sent nonsense", h->file);
    status = receive_body(h, m, error);
    if (status != MDL_OK) return status;
    return m->tag == H5_FAULT ? fail_said(h, m, error) : MDL_OK;
}

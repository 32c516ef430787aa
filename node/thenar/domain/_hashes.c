/* Many SHA-256 at a time: sixteen where the processor has AVX-512, two where it has only the SHA extensions.
 *
 * The SHA instructions of one message wait for each other; those of a second one fit between them, so two take little
 * longer than one. Everything here has a twin in hashes.py that gives the same bytes; tests hold them together.
 * Source: FIPS 180-4; RFC 9162 2.1.1 for leaves and nodes. Built by hatch_build.py; its absence costs only time.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#if !defined(__x86_64__)
#error "this part is for x86-64 only; without it the node hashes in Python"
#endif

#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 64
#define DIGEST 32
#define LEAF 1024
#define HEAD_MAX 64
#define FEW 6 /* messages from which sixteen lanes, some of them idle, take less time than pairs */
#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define SHA_INLINE SHA_TARGET static inline __attribute__((always_inline))

typedef struct {
    const uint8_t *data;
    size_t length;
} Message;

static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t ROUND[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#include "_sixteen.h"

/* SHA-256 */

/* Sixty-four rounds over one block of every lane. The processor keeps a state as (a b e f) and (c d g h). */
SHA_INLINE void rounds(__m128i *abef, __m128i *cdgh, __m128i (*words)[4], const int lanes)
{
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) {
        const __m128i constants = _mm_load_si128((const __m128i *)&ROUND[4 * group]);
#pragma GCC unroll 2
        for (int lane = 0; lane < lanes; lane++) {
            __m128i *word = words[lane];
            const __m128i now = word[group & 3];
            const __m128i last = word[(group + 3) & 3];
            const __m128i sum = _mm_add_epi32(now, constants);
            cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], sum);
            if (group < 12) { /* the words of the group after the next three take this group's place */
                const __m128i seventh = _mm_alignr_epi8(last, word[(group + 2) & 3], 4);
                const __m128i first = _mm_sha256msg1_epu32(now, word[(group + 1) & 3]);
                word[group & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(first, seventh), last);
            }
            abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], _mm_shuffle_epi32(sum, 0x0E));
        }
    }
}

/* Take `blocks` blocks of each lane into its state. */
SHA_INLINE void take(uint32_t (*state)[8], const uint8_t *const *data, size_t blocks, const int lanes)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef[2], cdgh[2], words[2][4];
    for (int lane = 0; lane < lanes; lane++) {
        const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&state[lane][0]), 0xB1);
        const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&state[lane][4]), 0x1B);
        abef[lane] = _mm_alignr_epi8(badc, hgfe, 8);
        cdgh[lane] = _mm_blend_epi16(hgfe, badc, 0xF0);
    }
    for (size_t block = 0; block < blocks; block++) {
        const __m128i abef_before[2] = {abef[0], lanes > 1 ? abef[1] : abef[0]};
        const __m128i cdgh_before[2] = {cdgh[0], lanes > 1 ? cdgh[1] : cdgh[0]};
        for (int lane = 0; lane < lanes; lane++)
            for (int i = 0; i < 4; i++) {
                const __m128i *from = (const __m128i *)(data[lane] + BLOCK * block + 16 * i);
                words[lane][i] = _mm_shuffle_epi8(_mm_loadu_si128(from), big_endian);
            }
        rounds(abef, cdgh, words, lanes);
        for (int lane = 0; lane < lanes; lane++) {
            abef[lane] = _mm_add_epi32(abef[lane], abef_before[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], cdgh_before[lane]);
        }
    }
    for (int lane = 0; lane < lanes; lane++) {
        const __m128i feba = _mm_shuffle_epi32(abef[lane], 0x1B);
        const __m128i dchg = _mm_shuffle_epi32(cdgh[lane], 0xB1);
        _mm_storeu_si128((__m128i *)&state[lane][0], _mm_blend_epi16(feba, dchg, 0xF0));
        _mm_storeu_si128((__m128i *)&state[lane][4], _mm_alignr_epi8(dchg, feba, 8));
    }
}

SHA_TARGET static void take_one(uint32_t (*state)[8], const uint8_t *data, size_t blocks)
{
    take(state, &data, blocks, 1);
}

SHA_TARGET static void take_two(uint32_t (*state)[8], const uint8_t *const *data, size_t blocks)
{
    take(state, data, blocks, 2);
}

/* Write what ends a message after `rest` bytes of its last block or two; return how many blocks that makes. */
static size_t pad(uint8_t *tail, size_t rest, size_t length)
{
    const size_t blocks = rest < BLOCK - 8 ? 1 : 2;
    const uint64_t bits = __builtin_bswap64((uint64_t)length << 3);
    memset(tail + rest, 0, BLOCK * blocks - rest);
    tail[rest] = 0x80;
    memcpy(tail + BLOCK * blocks - sizeof bits, &bits, sizeof bits);
    return blocks;
}

static void give(uint8_t *digest, const uint32_t *state)
{
    for (int i = 0; i < 8; i++) {
        const uint32_t word = __builtin_bswap32(state[i]);
        memcpy(digest + 4 * i, &word, sizeof word);
    }
}

/* The digests, one after another, of two or sixteen texts of equal length that are padded already. */
static void hash_padded(const uint8_t *const *texts, size_t blocks, size_t lanes, uint8_t *out)
{
    uint32_t state[2][8];
    if (lanes == LANES) {
        hash_sixteen(texts, blocks, texts, 0, out);
        return;
    }
    memcpy(state[0], START, sizeof START);
    memcpy(state[1], START, sizeof START);
    take_two(state, texts, blocks);
    give(out, state[0]);
    give(out + DIGEST, state[1]);
}

/* Take what is left of a message after its first `done` blocks. */
static void finish(uint32_t (*state)[8], Message message, size_t done, uint8_t *digest)
{
    uint8_t tail[2 * BLOCK];
    const size_t whole = message.length / BLOCK, rest = message.length % BLOCK;
    take_one(state, message.data + BLOCK * done, whole - done);
    if (rest)
        memcpy(tail, message.data + BLOCK * whole, rest);
    const size_t blocks = pad(tail, rest, message.length);
    take_one(state, tail, blocks);
    give(digest, *state);
}

/* The digests of two messages of any lengths; blocks that both have are hashed side by side. */
static void hash_two(const Message *messages, uint8_t *out)
{
    uint32_t state[2][8];
    const uint8_t *data[2] = {messages[0].data, messages[1].data};
    const size_t shorter = messages[0].length < messages[1].length ? messages[0].length : messages[1].length;
    memcpy(state[0], START, sizeof START);
    memcpy(state[1], START, sizeof START);
    take_two(state, data, shorter / BLOCK);
    for (int lane = 0; lane < 2; lane++)
        finish(&state[lane], messages[lane], shorter / BLOCK, out + DIGEST * lane);
}

static void hash_one(Message message, uint8_t *digest)
{
    uint32_t state[1][8];
    memcpy(state[0], START, sizeof START);
    finish(state, message, 0, digest);
}

/* The digests, one after another, of at most sixteen messages: all at once when they are many of one length. */
static void hash_some(const Message *messages, size_t count, int wide, uint8_t *out)
{
    uint8_t tail[LANES][2 * BLOCK], found[LANES * DIGEST];
    const uint8_t *texts[LANES], *tails[LANES];
    const size_t length = messages[0].length, whole = length / BLOCK;
    size_t tail_blocks = 0, place = 0;
    for (size_t i = 0; i < count; i++)
        wide = wide && messages[i].length == length;
    if (!wide || count < FEW) {
        for (; place + 2 <= count; place += 2)
            hash_two(messages + place, out + DIGEST * place);
        if (place < count)
            hash_one(messages[place], out + DIGEST * place);
        return;
    }
    for (size_t lane = 0; lane < LANES; lane++) { /* lanes beyond the messages repeat the last one */
        const uint8_t *data = texts[lane] = messages[lane < count ? lane : count - 1].data;
        if (length % BLOCK)
            memcpy(tail[lane], data + BLOCK * whole, length % BLOCK);
        tail_blocks = pad(tail[lane], length % BLOCK, length);
        tails[lane] = tail[lane];
    }
    hash_sixteen(texts, whole, tails, tail_blocks, found);
    memcpy(out, found, DIGEST * count);
}

/* Trees */

static void number(uint8_t *text, size_t place)
{
    const uint32_t word = __builtin_bswap32((uint32_t)place);
    memcpy(text, &word, sizeof word);
}

/* Hash head ‖ place, when numbered ‖ LEAF bytes, for every LEAF bytes of a chunk; an empty chunk has one leaf. */
static void hash_leaves(Message head, Message chunk, int numbered, int wide, uint8_t *out)
{
    uint8_t text[LANES][HEAD_MAX + 4 + LEAF + 2 * BLOCK];
    const uint8_t *texts[LANES];
    const size_t start = head.length + (numbered ? 4 : 0), length = start + LEAF, whole = chunk.length / LEAF;
    size_t blocks = 0, place = 0;
    for (size_t lane = 0; lane < LANES; lane++) {
        texts[lane] = memcpy(text[lane], head.data, head.length);
        blocks = length / BLOCK + pad(text[lane] + length / BLOCK * BLOCK, length % BLOCK, length);
    }
    for (size_t lanes = wide ? LANES : 2; lanes >= 2; lanes = lanes > 2 ? 2 : 0)
        for (; place + lanes <= whole; place += lanes) {
            for (size_t lane = 0; lane < lanes; lane++) {
                if (numbered)
                    number(text[lane] + head.length, place + lane);
                memcpy(text[lane] + start, chunk.data + LEAF * (place + lane), LEAF);
            }
            hash_padded(texts, blocks, lanes, out + DIGEST * place);
        }
    for (; LEAF * place < chunk.length || place == 0; place++) { /* what no pair took: at most two leaves */
        const size_t left = chunk.length - LEAF * place, taken = left < LEAF ? left : LEAF;
        if (numbered)
            number(text[0] + head.length, place);
        if (taken)
            memcpy(text[0] + start, chunk.data + LEAF * place, taken);
        hash_one((Message){text[0], start + taken}, out + DIGEST * place);
    }
}

/* Hash the pairs of a level into the level above it, in place, until one hash is left; `count` is a power of two. */
static void fold_level(uint8_t *level, size_t count, int wide)
{
    const size_t length = 1 + 2 * DIGEST;
    uint8_t text[LANES][2 * BLOCK];
    const uint8_t *texts[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        texts[lane] = text[lane];
        text[lane][0] = 1;
        pad(text[lane] + BLOCK, length - BLOCK, length);
    }
    for (; count > 2; count /= 2) {
        const size_t lanes = wide && count / 2 >= LANES ? LANES : 2;
        for (size_t pair = 0; pair < count / 2; pair += lanes) {
            for (size_t lane = 0; lane < lanes; lane++)
                memcpy(text[lane] + 1, level + 2 * DIGEST * (pair + lane), 2 * DIGEST);
            hash_padded(texts, 2, lanes, level + DIGEST * pair);
        }
    }
    if (count == 2) {
        memcpy(text[0] + 1, level, 2 * DIGEST);
        hash_one((Message){text[0], length}, level);
    }
}

/* The Python side */

static int has_sha(void)
{
    unsigned a, b, c, d, basic;
    const unsigned ssse3 = 1u << 9, sse41 = 1u << 19, sha = 1u << 29;
    return __get_cpuid(1, &a, &b, &basic, &d) && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (basic & ssse3) && (basic & sse41) && (b & sha);
}

static PyObject *lanes(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    __builtin_cpu_init(); /* asks also whether the system keeps the wide registers */
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && has_sha())
        return PyLong_FromLong(LANES);
    return PyLong_FromLong(has_sha() ? 2 : 0);
}

static PyObject *leaf_run(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer head, chunk;
    int numbered, wide;
    PyObject *run = NULL;
    if (!PyArg_ParseTuple(arguments, "y*y*pp", &head, &chunk, &numbered, &wide))
        return NULL;
    const Py_ssize_t count = chunk.len ? (chunk.len + LEAF - 1) / LEAF : 1;
    if (head.len > HEAD_MAX) {
        PyErr_Format(PyExc_ValueError, "a leaf's head has at most %d bytes", HEAD_MAX);
    } else if ((run = PyBytes_FromStringAndSize(NULL, DIGEST * count)) != NULL) {
        const Message first = {head.buf, (size_t)head.len}, second = {chunk.buf, (size_t)chunk.len};
        uint8_t *out = (uint8_t *)PyBytes_AsString(run);
        Py_BEGIN_ALLOW_THREADS
        hash_leaves(first, second, numbered, wide, out);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&head);
    PyBuffer_Release(&chunk);
    return run;
}

static PyObject *fold(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer run;
    PyObject *root = NULL;
    int wide;
    if (!PyArg_ParseTuple(arguments, "y*p", &run, &wide))
        return NULL;
    const size_t count = (size_t)run.len / DIGEST;
    uint8_t *level = PyMem_Malloc(run.len ? (size_t)run.len : 1);
    if (level == NULL) {
        PyErr_NoMemory();
    } else if (run.len % DIGEST || count == 0 || count & (count - 1)) {
        PyErr_SetString(PyExc_ValueError, "only a power of two of hashes folds");
    } else {
        memcpy(level, run.buf, (size_t)run.len);
        Py_BEGIN_ALLOW_THREADS
        fold_level(level, count, wide);
        Py_END_ALLOW_THREADS
        root = PyBytes_FromStringAndSize((const char *)level, DIGEST);
    }
    PyMem_Free(level);
    PyBuffer_Release(&run);
    return root;
}

/* Fill views of `count` items of a sequence; how many were filled, which is fewer after an error. */
static Py_ssize_t look_at(PyObject *blocks, Py_ssize_t first, Py_ssize_t count, Py_buffer *views)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *block = PySequence_GetItem(blocks, first + i);
        const int seen = block != NULL && !PyObject_GetBuffer(block, &views[i], PyBUF_SIMPLE);
        Py_XDECREF(block); /* the view holds it */
        if (!seen)
            return i;
    }
    return count;
}

static PyObject *digest_run(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *blocks;
    int wide;
    if (!PyArg_ParseTuple(arguments, "Op", &blocks, &wide))
        return NULL;
    const Py_ssize_t count = PySequence_Size(blocks);
    PyObject *run = count < 0 ? NULL : PyBytes_FromStringAndSize(NULL, DIGEST * count);
    for (Py_ssize_t first = 0; run != NULL && first < count; first += LANES) {
        Py_buffer views[LANES];
        Message messages[LANES];
        uint8_t *out = (uint8_t *)PyBytes_AsString(run) + DIGEST * first;
        const Py_ssize_t some = count - first < LANES ? count - first : LANES;
        const Py_ssize_t seen = look_at(blocks, first, some, views);
        for (Py_ssize_t i = 0; i < seen; i++)
            messages[i] = (Message){views[i].buf, (size_t)views[i].len};
        if (seen == some) {
            Py_BEGIN_ALLOW_THREADS
            hash_some(messages, (size_t)some, wide, out);
            Py_END_ALLOW_THREADS
        } else {
            Py_CLEAR(run);
        }
        for (Py_ssize_t i = 0; i < seen; i++)
            PyBuffer_Release(&views[i]);
    }
    return run;
}

static PyMethodDef METHODS[] = {
    {"lanes", lanes, METH_NOARGS, "Hashes this processor does at a time: 0 (call nothing else), 2 or 16 (wide)."},
    {"leaf_run", leaf_run, METH_VARARGS, "The leaf hashes of a chunk, one after another."},
    {"fold", fold, METH_VARARGS, "The root of a power of two of hashes."},
    {"digest_run", digest_run, METH_VARARGS, "The SHA-256 of every message of a sequence, one after another."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef MODULE = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_hashes",
    .m_doc = "Many SHA-256 at a time; see hashes.py.",
    .m_methods = METHODS,
};

PyMODINIT_FUNC PyInit__hashes(void)
{
    return PyModuleDef_Init(&MODULE);
}

/* SHA-256 of sixteen texts at a time, for processors with AVX-512: lane i of every register belongs to text i.
 *
 * The rounds are those of the standard; nothing is shuffled between lanes but the words when they come in.
 * Source: FIPS 180-4. Included by _hashes.c, which says where START and ROUND come from and when this may run.
 */
#define LANES 16
#define WIDE_TARGET __attribute__((target("avx512f,avx512bw")))
#define WIDE_INLINE WIDE_TARGET static inline __attribute__((always_inline))

#define XOR3 0x96
#define CHOOSE 0xCA
#define MAJORITY 0xE8
#define MIX(first, second, third) _mm512_ternarylogic_epi32(first, second, third, XOR3)
#define BIG_SUM(x, i, j, k) MIX(_mm512_ror_epi32(x, i), _mm512_ror_epi32(x, j), _mm512_ror_epi32(x, k))
#define SMALL_SUM(x, i, j, k) MIX(_mm512_ror_epi32(x, i), _mm512_ror_epi32(x, j), _mm512_srli_epi32(x, k))

/* Rows of sixteen words become columns: word j of row i goes to lane i of register j. */
WIDE_INLINE void transpose(__m512i *rows)
{
    __m512i half[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i += 2) {
        half[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        half[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < LANES; i += 4) {
        rows[i] = _mm512_unpacklo_epi64(half[i], half[i + 2]);
        rows[i + 1] = _mm512_unpackhi_epi64(half[i], half[i + 2]);
        rows[i + 2] = _mm512_unpacklo_epi64(half[i + 1], half[i + 3]);
        rows[i + 3] = _mm512_unpackhi_epi64(half[i + 1], half[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) { /* quarters of four rows each now hold column i, 4 + i, 8 + i and 12 + i */
        half[i] = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0x88);
        half[4 + i] = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0xDD);
        half[8 + i] = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0x88);
        half[12 + i] = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0xDD);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        rows[i] = _mm512_shuffle_i32x4(half[i], half[8 + i], 0x88);
        rows[4 + i] = _mm512_shuffle_i32x4(half[4 + i], half[12 + i], 0x88);
        rows[8 + i] = _mm512_shuffle_i32x4(half[i], half[8 + i], 0xDD);
        rows[12 + i] = _mm512_shuffle_i32x4(half[4 + i], half[12 + i], 0xDD);
    }
}

/* Sixteen rounds; from the second time on the words of the schedule are made on the way. */
WIDE_INLINE void sixteen_rounds(__m512i *s, __m512i *w, const uint32_t *constants, const int first)
{
#pragma GCC unroll 16
    for (int t = 0; t < 16; t++) {
        __m512i *const a = &s[(16 - t) & 7], *const b = &s[(17 - t) & 7], *const c = &s[(18 - t) & 7];
        __m512i *const d = &s[(19 - t) & 7], *const e = &s[(20 - t) & 7], *const f = &s[(21 - t) & 7];
        __m512i *const g = &s[(22 - t) & 7], *const h = &s[(23 - t) & 7];
        if (!first) {
            const __m512i near = w[(t + 1) & 15], far = w[(t + 14) & 15];
            const __m512i low = _mm512_add_epi32(w[t], SMALL_SUM(near, 7, 18, 3));
            const __m512i high = _mm512_add_epi32(w[(t + 9) & 15], SMALL_SUM(far, 17, 19, 10));
            w[t] = _mm512_add_epi32(low, high);
        }
        /* What waits for nobody is added first: the next round needs *d as soon as it can be had. */
        const __m512i given = _mm512_add_epi32(_mm512_add_epi32(_mm512_set1_epi32((int)constants[t]), w[t]), *h);
        const __m512i chosen = _mm512_ternarylogic_epi32(*e, *f, *g, CHOOSE), sum = BIG_SUM(*e, 6, 11, 25);
        const __m512i step = _mm512_add_epi32(_mm512_add_epi32(given, chosen), sum);
        const __m512i most = _mm512_ternarylogic_epi32(*a, *b, *c, MAJORITY);
        *d = _mm512_add_epi32(_mm512_add_epi32(_mm512_add_epi32(*d, given), chosen), sum);
        *h = _mm512_add_epi32(_mm512_add_epi32(step, most), BIG_SUM(*a, 2, 13, 22));
    }
}

/* Take `blocks` blocks of each of sixteen texts into the state. */
WIDE_TARGET static void take_sixteen(__m512i *state, const uint8_t *const *data, size_t blocks)
{
    const __m512i big_endian = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    __m512i s[8], w[LANES];
    for (int i = 0; i < 8; i++)
        s[i] = state[i];
    for (size_t block = 0; block < blocks; block++) {
#pragma GCC unroll 16
        for (int lane = 0; lane < LANES; lane++)
            w[lane] = _mm512_shuffle_epi8(_mm512_loadu_si512(data[lane] + BLOCK * block), big_endian);
        transpose(w);
        sixteen_rounds(s, w, ROUND, 1);
        for (int group = 1; group < 4; group++)
            sixteen_rounds(s, w, ROUND + 16 * group, 0);
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++)
            state[i] = s[i] = _mm512_add_epi32(s[i], state[i]);
    }
}

/* The digests, one after another, of sixteen texts of equal length; their tails hold what is left and the padding. */
WIDE_TARGET static void hash_sixteen(const uint8_t *const *texts, size_t blocks, const uint8_t *const *tails,
                                     size_t tail_blocks, uint8_t *out)
{
    __m512i state[8];
    uint32_t words[8][LANES];
    for (int i = 0; i < 8; i++)
        state[i] = _mm512_set1_epi32((int)START[i]);
    take_sixteen(state, texts, blocks);
    take_sixteen(state, tails, tail_blocks);
    for (int i = 0; i < 8; i++)
        _mm512_storeu_si512(words[i], state[i]);
    for (int lane = 0; lane < LANES; lane++)
        for (int i = 0; i < 8; i++) {
            const uint32_t word = __builtin_bswap32(words[i][lane]);
            memcpy(out + DIGEST * lane + 4 * i, &word, sizeof word);
        }
}

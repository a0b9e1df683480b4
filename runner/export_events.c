/*
 * TensorBoard's event files. A file is a series of records (TFRecord): eight bytes of length, their
 * check sum, the bytes, their check sum; check sums are CRC-32C (Castagnoli; RFC 3720), turned and
 * shifted. The bytes are a message of protocol buffers, of which three kinds are needed
 * (tensorboard/compat/proto: event.proto, summary.proto):
 *
 *     Event    1: wall_time, double    2: step, int64    3: file_version, text    5: summary
 *     Summary  1: value, repeated
 *     Value    1: tag, text            2: simple_value, float
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "runner/export.h"

/* ---- protocol buffers: a field is its number and wire type, then its value ---- */

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* Seven bits a byte, the lowest first; all but the last have the eighth set. */
static void add_varint(struct text *text, uint64_t value) {
    for (; value > 127; value >>= 7)
        text_add_range(text, (const char[]){(char)(value | 128)}, 1);
    text_add_range(text, (const char[]){(char)value}, 1);
}

static void add_key(struct text *text, unsigned field, enum wire wire) {
    add_varint(text, field << 3 | wire);
}

/* The machine is little-endian, as the format is. */
static void add_double(struct text *text, unsigned field, double value) {
    add_key(text, field, WIRE_64);
    text_add_range(text, (const char *)&value, sizeof value);
}

static void add_float(struct text *text, unsigned field, float value) {
    add_key(text, field, WIRE_32);
    text_add_range(text, (const char *)&value, sizeof value);
}

static void add_bytes(struct text *text, unsigned field, const char *bytes, size_t length) {
    add_key(text, field, WIRE_BYTES);
    add_varint(text, length);
    text_add_range(text, bytes, length);
}

/* ---- records ---- */

/* CRC-32C, bit by bit. */
static uint32_t check_sum(const char *bytes, size_t length) {
    uint32_t sum = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        sum ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
    }
    return ~sum;
}

static void add_check_sum(struct text *text, const char *bytes, size_t length) {
    uint32_t sum = check_sum(bytes, length);
    sum = (sum >> 15 | sum << 17) + 0xa282ead8;
    text_add_range(text, (const char *)&sum, sizeof sum);
}

static void add_record(struct text *file, const struct text *message) {
    uint64_t length = message->length;
    text_add_range(file, (const char *)&length, sizeof length);
    add_check_sum(file, (const char *)&length, sizeof length);
    text_add_range(file, message->bytes, message->length);
    add_check_sum(file, message->bytes, message->length);
}

/* ---- events ---- */

struct writing {
    struct text file, event, summary, value;
};

static void add_version(struct writing *w, double time) {
    static const char version[] = "brain.Event:2";
    text_clear(&w->event);
    add_double(&w->event, 1, time);
    add_bytes(&w->event, 3, version, strlen(version));
    add_record(&w->file, &w->event);
}

static void add_row(struct writing *w, const struct record *record, int64_t row, double time) {
    text_clear(&w->event);
    text_clear(&w->summary);
    for (int i = 0; i < record->columns; i++) {
        const struct record_column *column = &record->column[i];
        if (isnan(column->value[row])) continue;
        text_clear(&w->value);
        add_bytes(&w->value, 1, column->name, strlen(column->name));
        add_float(&w->value, 2, (float)column->value[row]);
        add_bytes(&w->summary, 1, w->value.bytes, w->value.length);
    }
    add_double(&w->event, 1, time);
    add_key(&w->event, 2, WIRE_VARINT);
    add_varint(&w->event, (uint64_t)record->step[row]);
    add_bytes(&w->event, 5, text_get(&w->summary), w->summary.length);
    add_record(&w->file, &w->event);
}

bool export_events(const struct export_way *way, const char *path, const struct record *record,
                   double started, double ended, struct error *e) {
    struct writing w = {0};
    double last = record->rows ? (double)record->step[record->rows - 1] : 0;
    add_version(&w, started);
    for (int64_t row = 0; row < record->rows; row++) {
        double share = last > 0 ? (double)record->step[row] / last : 0;
        add_row(&w, record, row, started + share * (ended - started));
    }
    bool ok = export_file(way, path, w.file.bytes, w.file.length, e);
    text_release(&w.file);
    text_release(&w.event);
    text_release(&w.summary);
    text_release(&w.value);
    return ok;
}

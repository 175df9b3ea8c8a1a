"""Event files of TensorBoard, byte by byte: frames of TFRecord files, and the protobuf messages in them.

Written from the formats' documentation (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto,
tensorflow/core/framework/summary.proto and tensor.proto), without TensorBoard or TensorFlow, so that forms can be
written which their own writers do not use. Needs the standard library alone.
"""

import struct

# MARK: frames


def _crc32c_table():
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc32c_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def masked_crc32c(data):
    value = crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data):
    """The length, its checksum, the data, and the data's checksum."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


# MARK: protobuf


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def integer(field, number):
    return varint(field << 3) + varint(number)


def double(field, number):
    return varint(field << 3 | 1) + struct.pack("<d", number)


def single(field, number):
    return varint(field << 3 | 5) + struct.pack("<f", number)


def part(field, data):
    if isinstance(data, str):
        data = data.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def bfloat16(number):
    """The 16 bits of a number that bfloat16 holds exactly."""
    bits = struct.unpack("<I", struct.pack("<f", number))[0]
    assert bits & 0xFFFF == 0, number
    return bits >> 16


# MARK: tensors

FLOAT, DOUBLE, INT32, UINT8, INT16, INT8, STRING, INT64, BOOL = 1, 2, 3, 4, 5, 6, 7, 9, 10
BFLOAT16, UINT16, HALF, UINT32, UINT64 = 14, 17, 19, 22, 23


def tensor(kind, *fields, shape=()):
    dimensions = b"".join(part(2, integer(1, size)) for size in shape)
    return integer(1, kind) + part(2, dimensions) + b"".join(fields)


def content(form, *numbers):
    """`tensor_content`: the numbers' bytes as they are in memory."""
    return part(4, struct.pack("<" + form * len(numbers), *numbers))


# MARK: events


def plugin(name, data=b"", data_class=0):
    """`SummaryMetadata`"""
    metadata = part(1, part(1, name) + (part(2, data) if data else b""))
    return metadata + (integer(4, data_class) if data_class else b"")


def scalar(tag, number):
    """A value in the old encoding, which `tensorboardX` and `torch.utils.tensorboard` use."""
    return part(1, part(1, tag) + single(2, number))


def tensor_value(tag, data, metadata=None):
    """A value in the encoding of TensorFlow 2."""
    fields = part(1, tag) + (b"" if metadata is None else part(9, metadata)) + part(8, data)
    return part(1, fields)


def event(time, step, *values, more=b""):
    fields = double(1, time)
    if step:
        fields += integer(2, step)
    if values:
        fields += part(5, b"".join(values))
    return frame(fields + more)


def file_version(time, text="brain.Event:2"):
    return frame(double(1, time) + part(3, text))

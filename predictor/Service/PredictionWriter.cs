using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Service;

/// <summary>
/// Writes <see cref="Schemas.PredictionChunk"/>s as Google.Protobuf writes them, straight from the arrays of a forecast; what a chunk of the snapshot says of its VMs is
/// copied as it lies. The buffer is used again.
/// </summary>
internal sealed class PredictionWriter
{
    // Field number * 8 + wire type, see predictions.proto.
    private const byte Cell = 0x0A, StepEnd = 0x11, StepMs = 0x18, Revision = 0x20, Chunk = 0x28, Chunks = 0x30, Model = 0x3A, Vm = 0x42, Cores = 0x4A, MemoryBytes = 0x52, Horizon = 0x5A,
        Level = 0x62, PeakQuantile = 0x6A, Busy = 0x72, Cpu = 0x7A;

    // Above field number 15 a tag is a varint of two bytes.
    private const uint Age = 16 << 3 | 2, Community = 17 << 3 | 2, Demoted = 18 << 3;

    private byte[] _buffer = [];
    private int _at;

    /// <summary>The bytes of one chunk; valid until the next call.</summary>
    /// <param name="rows">What was read of the snapshot.</param>
    public ReadOnlySpan<byte> Write(InputSignature s, SnapshotView part, string model, Forecast forecast, SnapshotReader rows, bool demoted)
    {
        (int first, int n, int h, int q, int b) = ((int)part.FirstRow, part.Count, s.HorizonSteps.Count, s.Levels.Count, s.BusyThresholds.Count);
        Reserve(part, n * ((h * (q + 1) + 1) * sizeof(float) + 5), model, h + q);
        Text(Cell, part.Cell);
        if (part.StepEndUnixMs != 0)
        {
            _buffer[_at++] = StepEnd;
            BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_at), part.StepEndUnixMs);
            _at += sizeof(long);
        }
        Number(StepMs, part.StepMs);
        Number(Revision, part.Revision);
        Number(Chunk, part.Chunk);
        Number(Chunks, part.Chunks);
        Text(Model, model);
        Names(part.Names);
        Packed(Cores, part.Cores);
        Packed(MemoryBytes, part.MemoryBytes);
        Varints(Horizon, h, i => (uint)(s.HorizonSteps[i] * part.StepMs / 1000));
        Span<float> levels = stackalloc float[q];
        for (int i = 0; i < q; i++) levels[i] = s.Levels[i];
        Packed(Level, MemoryMarshal.AsBytes(levels));
        Packed(PeakQuantile, MemoryMarshal.AsBytes<float>(forecast.PeakQuantile.AsSpan(first * h * q, n * h * q)));
        BusyOf(forecast.BusyProbability.AsSpan(first * h * b, n * h * b), b);
        Packed(Cpu, MemoryMarshal.AsBytes<float>(rows.Newest.AsSpan(first, n)));
        Varints(Age, n, i => rows.AgeSeconds[first + i]);
        Packed(Community, part.Community);
        if (demoted)
        {
            Varint(Demoted);
            _buffer[_at++] = 1;
        }
        return _buffer.AsSpan(0, _at);
    }

    /// <summary>Room for all of it: numbers of known size, and at most 10 bytes for each varint and length.</summary>
    private void Reserve(SnapshotView part, int numbers, string model, int header)
    {
        const int Frame = 256;
        int size = Frame + numbers + Encoding.UTF8.GetMaxByteCount(part.Cell.Length + model.Length) + part.Names.Length + part.Cores.Length + part.MemoryBytes.Length + part.Community.Length + 10 * header;
        if (_buffer.Length < size) _buffer = new byte[size];
        _at = 0;
    }

    private void Text(byte tag, string text)
    {
        if (text.Length == 0) return;
        _buffer[_at++] = tag;
        Varint((uint)Encoding.UTF8.GetByteCount(text));
        _at += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_at));
    }

    private void Number(byte tag, uint value)
    {
        if (value == 0) return;
        _buffer[_at++] = tag;
        Varint(value);
    }

    /// <summary>Names have another field number here.</summary>
    private void Names(ReadOnlySpan<byte> names)
    {
        for (int at = 0; at < names.Length;)
        {
            int end = WireReader.ReadBytes(names, at + 1, out _);
            _buffer[_at] = Vm;
            names[(at + 1)..end].CopyTo(_buffer.AsSpan(_at + 1));
            _at += end - at;
            at = end;
        }
    }

    private void Packed(uint tag, ReadOnlySpan<byte> values)
    {
        if (values.Length == 0) return;
        Varint(tag);
        Varint((uint)values.Length);
        values.CopyTo(_buffer.AsSpan(_at));
        _at += values.Length;
    }

    private void BusyOf(ReadOnlySpan<float> all, int thresholds)
    {
        int count = all.Length / thresholds;
        if (count == 0) return;
        _buffer[_at++] = Busy;
        Varint((uint)(count * sizeof(float)));
        for (int i = 0; i < count; i++, _at += sizeof(float)) BinaryPrimitives.WriteSingleLittleEndian(_buffer.AsSpan(_at), all[i * thresholds + thresholds - 1]);
    }

    private void Varints(uint tag, int count, Func<int, uint> value)
    {
        if (count == 0) return;
        int size = 0;
        for (int i = 0; i < count; i++) size += Size(value(i));
        Varint(tag);
        Varint((uint)size);
        for (int i = 0; i < count; i++) Varint(value(i));
    }

    private static int Size(uint value) => value < 1u << 7 ? 1 : value < 1u << 14 ? 2 : value < 1u << 21 ? 3 : value < 1u << 28 ? 4 : 5;

    private void Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7) _buffer[_at++] = (byte)(value | 0x80);
        _buffer[_at++] = (byte)value;
    }
}

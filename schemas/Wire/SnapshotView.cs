using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;

namespace Pipeline.Schemas.Wire;

/// <summary>
/// A <see cref="SnapshotChunk"/> read where it lies: arrays and names stay in the record's bytes, and no object is made for a VM. What is written otherwise than
/// Google.Protobuf writes it is parsed and written anew first, so that both ways say the same.
/// </summary>
public sealed class SnapshotView
{
    // Field number * 8 + wire type, see snapshots.proto.
    private const uint CellTag = 0x0A, StepEnd = 0x11, Step = 0x18, RevisionTag = 0x20, ChunkTag = 0x28, ChunksTag = 0x30, RowsTag = 0x38, FirstRowTag = 0x40, VmTag = 0x4A, CoresTag = 0x52,
        MemoryTag = 0x5A, WindowStepsTag = 0x60, SignalTag = 0x6A, WindowTag = 0x72, FeatureTag = 0x7A, FeatureSetTag = 0x82, FeaturesTag = 0x8A, NeighboursKTag = 0x90, NeighboursTag = 0x9A,
        WeightsTag = 0xA2, CommunityTag = 0xAA, CompletenessTag = 0xB5, EdgesTag = 0xBA;

    private readonly List<string> _signals = [], _features = [];
    private byte[] _bytes = [];
    private Range _vm, _cores, _memory, _window, _values, _neighbours, _weights, _community;

    private SnapshotView()
    {
    }

    public string Cell { get; private set; } = "";

    public long StepEndUnixMs { get; private set; }

    public uint StepMs { get; private set; }

    public uint Revision { get; private set; }

    public uint Chunk { get; private set; }

    public uint Chunks { get; private set; }

    public uint Rows { get; private set; }

    public uint FirstRow { get; private set; }

    public uint WindowSteps { get; private set; }

    public uint NeighboursK { get; private set; }

    public string FeatureSet { get; private set; } = "";

    /// <summary>VMs of this chunk, n.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<string> Signal => _signals;

    public IReadOnlyList<string> Feature => _features;

    /// <summary>float16 bits, [n, T, F].</summary>
    public ReadOnlySpan<ushort> Window => MemoryMarshal.Cast<byte, ushort>(_bytes.AsSpan(_window));

    /// <summary>[n, S].</summary>
    public ReadOnlySpan<float> Features => MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(_values));

    /// <summary>[n, K].</summary>
    public ReadOnlySpan<uint> Neighbours => MemoryMarshal.Cast<byte, uint>(_bytes.AsSpan(_neighbours));

    /// <summary>[n, K].</summary>
    public ReadOnlySpan<float> NeighbourWeights => MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(_weights));

    /// <summary>[n] as they lie: floats, and varints.</summary>
    public ReadOnlySpan<byte> Cores => _bytes.AsSpan(_cores);

    public ReadOnlySpan<byte> MemoryBytes => _bytes.AsSpan(_memory);

    public ReadOnlySpan<byte> Community => _bytes.AsSpan(_community);

    /// <summary>The names as they lie, each with its tag and length.</summary>
    public ReadOnlySpan<byte> Names => _bytes.AsSpan(_vm);

    /// <summary>Reads and validates a record of <see cref="Topics.GraphSnapshots"/>; on failure <paramref name="reason"/> says what is wrong and where.</summary>
    public static bool TryRead(RecordContext context, byte[] value, out SnapshotView view, out string reason)
    {
        view = new SnapshotView();
        reason = "";
        if (value.Length <= Topics.MaxValueBytes && view.Read(value) && view.IsPlain() && view.IsWhole(context.Key)) return true;
        if (!Topics.GraphSnapshots.TryRead(context, value, out SnapshotChunk chunk, out reason)) return false;
        view = Of(chunk);
        return true;
    }

    /// <summary>A chunk that is there as a message, and valid.</summary>
    public static SnapshotView Of(SnapshotChunk chunk)
    {
        SnapshotView view = new();
        // As Google.Protobuf writes it, without what is not known here.
        if (!view.Read(SnapshotChunk.Parser.WithDiscardUnknownFields(true).ParseFrom(chunk.ToByteArray()).ToByteArray())) throw new InvalidOperationException("a chunk that was written just now cannot be read");
        return view;
    }

    /// <summary>Adds the VMs' names to a list.</summary>
    public void AddNames(List<string> names)
    {
        ReadOnlySpan<byte> bytes = Names;
        for (int at = 0; at < bytes.Length;)
        {
            at = WireReader.ReadTag(bytes, at, out _);
            at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> name);
            names.Add(Encoding.UTF8.GetString(name));
        }
    }

    private bool Read(byte[] value)
    {
        _bytes = value;
        ReadOnlySpan<byte> bytes = value;
        int at = 0;
        uint last = 0;
        while (at < bytes.Length)
        {
            int start = at;
            at = WireReader.ReadTag(bytes, at, out uint tag);
            // In the order of the fields, each array once: so our own are written.
            if (at == WireReader.Broken || tag >> 3 < last >> 3 || (tag == last && tag is not (VmTag or SignalTag or FeatureTag or EdgesTag))) return false;
            last = tag;
            switch (tag)
            {
                case CellTag: at = ReadText(bytes, at, out string cell); Cell = cell; break;
                case StepEnd: at = WireReader.ReadFixed64(bytes, at, out long end); StepEndUnixMs = end; break;
                case Step: at = ReadNumber(bytes, at, out uint step); StepMs = step; break;
                case RevisionTag: at = ReadNumber(bytes, at, out uint revision); Revision = revision; break;
                case ChunkTag: at = ReadNumber(bytes, at, out uint chunk); Chunk = chunk; break;
                case ChunksTag: at = ReadNumber(bytes, at, out uint chunks); Chunks = chunks; break;
                case RowsTag: at = ReadNumber(bytes, at, out uint rows); Rows = rows; break;
                case FirstRowTag: at = ReadNumber(bytes, at, out uint first); FirstRow = first; break;
                case VmTag:
                    at = WireReader.ReadBytes(bytes, at, out _);
                    if (at != WireReader.Broken) _vm = (Count++ == 0 ? start : _vm.Start)..at;
                    break;
                case CoresTag: at = ReadRange(bytes, at, out _cores); break;
                case MemoryTag: at = ReadRange(bytes, at, out _memory); break;
                case WindowStepsTag: at = ReadNumber(bytes, at, out uint steps); WindowSteps = steps; break;
                case SignalTag: at = ReadText(bytes, at, out string signal); _signals.Add(signal); break;
                case WindowTag: at = ReadRange(bytes, at, out _window); break;
                case FeatureTag: at = ReadText(bytes, at, out string feature); _features.Add(feature); break;
                case FeatureSetTag: at = ReadText(bytes, at, out string set); FeatureSet = set; break;
                case FeaturesTag: at = ReadRange(bytes, at, out _values); break;
                case NeighboursKTag: at = ReadNumber(bytes, at, out uint k); NeighboursK = k; break;
                case NeighboursTag: at = ReadRange(bytes, at, out _neighbours); break;
                case WeightsTag: at = ReadRange(bytes, at, out _weights); break;
                case CommunityTag: at = ReadRange(bytes, at, out _community); break;
                case CompletenessTag: at = WireReader.ReadFloat(bytes, at, out _); break;
                case EdgesTag:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> edges);
                    if (!AreEdges(edges)) return false;
                    break;
                default: return false;
            }
        }
        return at == bytes.Length;
    }

    /// <summary>Names are good UTF-8 and numbers are no longer than they have to be: they are copied as they are.</summary>
    private bool IsPlain() => Utf8.IsValid(Names) && IsVarints(MemoryBytes, 10) && IsVarints(Community, 5);

    /// <summary>What the validator looks at; what fails here fails there, with words.</summary>
    private bool IsWhole(string key)
    {
        long n = Count;
        return Validation.Bounds.Name("cell", Cell) is null && Cell == key && Chunks is > 0 and <= Validation.ChunkValidator.ChunksMax && Chunk < Chunks && StepMs > 0 && n <= Topics.ChunkVms
            && Cores.Length == 4 * n && _window.End.Value - _window.Start.Value == n * WindowSteps * Signal.Count * 2 && _values.End.Value - _values.Start.Value == 4 * n * Feature.Count
            && _neighbours.End.Value - _neighbours.Start.Value == 4 * n * NeighboursK && _weights.End.Value - _weights.Start.Value == 4 * n * NeighboursK && FirstRow + n <= Rows;
    }

    /// <summary>Edges of other kinds, which nobody reads here, only have to be whole.</summary>
    private static bool AreEdges(ReadOnlySpan<byte> bytes)
    {
        const uint Kind = 0x08, RowsOfEdges = 0x12, Weights = 0x1A;
        (int at, int rows, int weights) = (0, 0, 0);
        while (at < bytes.Length)
        {
            at = WireReader.ReadTag(bytes, at, out uint tag);
            if (at == WireReader.Broken || tag is not (Kind or RowsOfEdges or Weights)) return false;
            if (tag == Kind)
            {
                at = WireReader.ReadVarint(bytes, at, out _);
                continue;
            }
            at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> value);
            (rows, weights) = tag == Weights ? (rows, value.Length) : (value.Length, weights);
        }
        return at == bytes.Length && rows == 2 * weights && weights % sizeof(float) == 0;
    }

    private bool IsVarints(ReadOnlySpan<byte> bytes, int longest)
    {
        (int count, int length) = (0, 0);
        foreach (byte b in bytes)
        {
            if (++length > longest) return false;
            if (b >= 0x80) continue;
            // A last byte of nothing makes it longer than it has to be.
            if (b == 0 && length > 1) return false;
            (count, length) = (count + 1, 0);
        }
        return length == 0 && count == Count;
    }

    private static int ReadNumber(ReadOnlySpan<byte> bytes, int at, out uint value)
    {
        at = WireReader.ReadVarint(bytes, at, out ulong number);
        value = (uint)number;
        return number <= uint.MaxValue ? at : WireReader.Broken;
    }

    private static int ReadText(ReadOnlySpan<byte> bytes, int at, out string value)
    {
        at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> text);
        value = at != WireReader.Broken && Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : "";
        return Utf8.IsValid(text) ? at : WireReader.Broken;
    }

    private static int ReadRange(ReadOnlySpan<byte> bytes, int at, out Range range)
    {
        at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> value);
        range = at == WireReader.Broken ? default : (at - value.Length)..at;
        return at;
    }
}

using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;
using Pipeline.Schemas.Wire;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>
/// Reads the numbers of an OTLP message from its bytes: resources, metrics and attributes that came before are looked up as they stand there,
/// and nothing is made of them again. Fields may come in any order. Whatever is odd (a group, a field twice that ought to come once) is left to
/// Google.Protobuf, and so are histograms and summaries. The tests hold both ways against each other.
/// </summary>
internal sealed class OtlpReader
{
    /// <summary>What is remembered at most; a series takes about 400 bytes, and so does a metric of one resource.</summary>
    private const int ResourcesMax = 1 << 14, MetricsMax = 1 << 17, SeriesMax = 1 << 18;

    private readonly NameCache<Known<OtlpResource>> resources = new(ResourcesMax);
    private readonly NameCache<Known<OtlpMetric>> metrics = new(MetricsMax);
    private readonly NameCache<PointSeries> series = new(SeriesMax);
    private byte[] key = new byte[256];
    private int keyLength;
    private int ids;

    private enum NumberKind
    {
        None,
        Whole,
        Real,
    }

    /// <summary>Adds a message's points.</summary>
    /// <returns>False: Google.Protobuf has to read it; points may have been added.</returns>
    public bool TryRead(ReadOnlySpan<byte> message, List<MetricPoint> points)
    {
        int at = 0;
        while (at < message.Length)
        {
            at = WireReader.ReadTag(message, at, out uint tag);
            if (tag != Field.ResourceMetrics)
            {
                at = WireReader.Skip(message, at, tag);
                continue;
            }
            at = WireReader.ReadBytes(message, at, out ReadOnlySpan<byte> resource);
            if (at == WireReader.Broken || !ResourceMetrics(resource, points)) return false;
        }
        return at == message.Length;
    }

    private bool ResourceMetrics(ReadOnlySpan<byte> message, List<MetricPoint> points)
    {
        if (!Only(message, Field.Resource, out ReadOnlySpan<byte> raw)) return false;
        if (!resources.TryGet(raw, out Known<OtlpResource>? sender)) sender = resources.Add(raw, new(++ids, new OtlpResource(Resource.Parser.ParseFrom(raw))));
        for (int at = 0; at < message.Length;)
        {
            at = WireReader.ReadTag(message, at, out uint tag);
            if (tag != Field.ScopeMetrics)
            {
                at = WireReader.Skip(message, at, tag);
                continue;
            }
            at = WireReader.ReadBytes(message, at, out ReadOnlySpan<byte> scope);
            if (!ScopeMetrics(scope, sender, points)) return false;
        }
        return true;
    }

    private bool ScopeMetrics(ReadOnlySpan<byte> message, Known<OtlpResource> sender, List<MetricPoint> points)
    {
        int at = 0;
        while (at < message.Length)
        {
            at = WireReader.ReadTag(message, at, out uint tag);
            if (tag != Field.Metric)
            {
                at = WireReader.Skip(message, at, tag);
                continue;
            }
            at = WireReader.ReadBytes(message, at, out ReadOnlySpan<byte> metric);
            if (at == WireReader.Broken || !ReadMetric(metric, sender, points)) return false;
        }
        return at == message.Length;
    }

    private bool ReadMetric(ReadOnlySpan<byte> message, Known<OtlpResource> sender, List<MetricPoint> points)
    {
        ReadOnlySpan<byte> name = default, unit = default, data = default;
        uint kind = 0;
        int at = 0;
        while (at < message.Length)
        {
            at = WireReader.ReadTag(message, at, out uint tag);
            switch (tag)
            {
                case Field.Name: at = WireReader.ReadBytes(message, at, out name); break;
                case Field.Unit: at = WireReader.ReadBytes(message, at, out unit); break;
                case Field.Gauge or Field.Sum or Field.Histogram or Field.ExponentialHistogram or Field.Summary:
                    if (kind != 0) return false;
                    kind = tag;
                    at = WireReader.ReadBytes(message, at, out data);
                    break;
                default: at = WireReader.Skip(message, at, tag); break;
            }
        }
        if (at != message.Length) return false;
        if (name.IsEmpty) throw new BadRecordException("a metric without a name");
        if (kind is Field.Gauge or Field.Sum) return Numbers(data, kind, name, unit, sender, points);
        OtlpPoints.Add(Metric.Parser.ParseFrom(message), sender.Value, points);
        return true;
    }

    private bool Numbers(ReadOnlySpan<byte> data, uint kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, Known<OtlpResource> sender, List<MetricPoint> points)
    {
        ulong temporality = 0, monotonic = 0;
        int at = 0;
        while (at < data.Length)
        {
            at = WireReader.ReadTag(data, at, out uint tag);
            if (tag == Field.Temporality && kind == Field.Sum) at = WireReader.ReadVarint(data, at, out temporality);
            else if (tag == Field.Monotonic && kind == Field.Sum) at = WireReader.ReadVarint(data, at, out monotonic);
            else at = WireReader.Skip(data, at, tag);
        }
        if (at != data.Length || temporality > byte.MaxValue) return false;
        Known<OtlpMetric> metric = MetricOf(kind, (byte)temporality, monotonic != 0, name, unit, sender);
        for (at = 0; at < data.Length;)
        {
            at = WireReader.ReadTag(data, at, out uint tag);
            if (tag != Field.DataPoint)
            {
                at = WireReader.Skip(data, at, tag);
                continue;
            }
            at = WireReader.ReadBytes(data, at, out ReadOnlySpan<byte> point);
            if (!Number(point, metric, points)) return false;
        }
        return true;
    }

    private Known<OtlpMetric> MetricOf(uint kind, byte temporality, bool monotonic, ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit, Known<OtlpResource> sender)
    {
        Begin(sender.Id, (byte)kind);
        Append([temporality, monotonic ? (byte)1 : (byte)0]);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, name.Length);
        Append(length);
        Append(name);
        Append(unit);
        if (metrics.TryGet(key.AsSpan(0, keyLength), out Known<OtlpMetric>? found)) return found;
        if (!Utf8.IsValid(name) || !Utf8.IsValid(unit)) throw new BadRecordException("a metric's name or unit is not UTF-8");
        (string nameText, string unitText) = (Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(unit));
        OtlpMetric made = kind == Field.Gauge
            ? new OtlpMetric(sender.Value, nameText, unitText, "gauge")
            : new OtlpMetric(sender.Value, nameText, unitText, "sum", (AggregationTemporality)temporality, monotonic);
        return metrics.Add(key.AsSpan(0, keyLength), new(++ids, made));
    }

    private bool Number(ReadOnlySpan<byte> message, Known<OtlpMetric> metric, List<MetricPoint> points)
    {
        long start = 0, time = 0, bits = 0;
        ulong flags = 0;
        NumberKind kind = NumberKind.None;
        Begin(metric.Id, 0);
        int at = 0;
        while (at < message.Length)
        {
            int begin = at;
            at = WireReader.ReadTag(message, at, out uint tag);
            switch (tag)
            {
                case Field.StartTime: at = WireReader.ReadFixed64(message, at, out start); break;
                case Field.Time: at = WireReader.ReadFixed64(message, at, out time); break;
                case Field.AsDouble: (at, kind) = (WireReader.ReadFixed64(message, at, out bits), NumberKind.Real); break;
                case Field.AsInt: (at, kind) = (WireReader.ReadFixed64(message, at, out bits), NumberKind.Whole); break;
                case Field.Flags: at = WireReader.ReadVarint(message, at, out flags); break;
                case Field.Attributes:
                    at = WireReader.ReadBytes(message, at, out _);
                    if (at == WireReader.Broken) return false;
                    Append(message[begin..at]);
                    break;
                default: at = WireReader.Skip(message, at, tag); break;
            }
        }
        if (at != message.Length) return false;
        if (kind == NumberKind.None || ((uint)flags & OtlpPoints.NoRecordedValue) != 0)
        {
            // Rare, and no reason to look at it less closely.
            NumberDataPoint.Parser.ParseFrom(message);
            return true;
        }
        PointValue value = kind == NumberKind.Whole ? PointValue.Of(bits) : PointValue.Of(BitConverter.Int64BitsToDouble(bits));
        points.Add(new MetricPoint(SeriesOf(metric.Value, kind), value, (ulong)time) { StartTimeUnixNano = (ulong)start });
        return true;
    }

    private PointSeries SeriesOf(OtlpMetric metric, NumberKind kind)
    {
        key[sizeof(int)] = (byte)kind;
        ReadOnlySpan<byte> name = key.AsSpan(0, keyLength);
        if (series.TryGet(name, out PointSeries? found)) return found;
        // Behind number and kind stand the attributes as fields of a data point, whatever else it had.
        NumberDataPoint attributes = NumberDataPoint.Parser.ParseFrom(name[(sizeof(int) + 1)..]);
        return series.Add(name, metric.Series(attributes.Attributes, kind == NumberKind.Whole ? OtlpPoints.WholeNumber : OtlpPoints.RealNumber));
    }

    /// <summary>A field that is there once, or not at all.</summary>
    private static bool Only(ReadOnlySpan<byte> message, uint wanted, out ReadOnlySpan<byte> value)
    {
        value = default;
        bool found = false;
        int at = 0;
        while (at < message.Length)
        {
            at = WireReader.ReadTag(message, at, out uint tag);
            if (tag != wanted)
            {
                at = WireReader.Skip(message, at, tag);
                continue;
            }
            if (found) return false;
            found = true;
            at = WireReader.ReadBytes(message, at, out value);
        }
        return at == message.Length;
    }

    /// <summary>Begins the key of something: whose it is, by number, and a kind.</summary>
    private void Begin(int owner, byte kind)
    {
        BinaryPrimitives.WriteInt32LittleEndian(key, owner);
        key[sizeof(int)] = kind;
        keyLength = sizeof(int) + 1;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (keyLength + bytes.Length > key.Length) Array.Resize(ref key, Math.Max(2 * key.Length, keyLength + bytes.Length));
        bytes.CopyTo(key.AsSpan(keyLength));
        keyLength += bytes.Length;
    }

    /// <summary>Something with a number by which the keys of what it owns begin.</summary>
    private sealed record Known<T>(int Id, T Value);

    /// <summary>Tags (number and wire type) of the fields that are read, by metrics.proto.</summary>
    private static class Field
    {
        public const uint ResourceMetrics = (1 << 3) | 2, Resource = (1 << 3) | 2, ScopeMetrics = (2 << 3) | 2, Metric = (2 << 3) | 2;
        public const uint Name = (1 << 3) | 2, Unit = (3 << 3) | 2;
        public const uint Gauge = (5 << 3) | 2, Sum = (7 << 3) | 2, Histogram = (9 << 3) | 2, ExponentialHistogram = (10 << 3) | 2, Summary = (11 << 3) | 2;
        public const uint DataPoint = (1 << 3) | 2, Temporality = 2 << 3, Monotonic = 3 << 3;
        public const uint StartTime = (2 << 3) | 1, Time = (3 << 3) | 1, AsDouble = (4 << 3) | 1, AsInt = (6 << 3) | 1, Attributes = (7 << 3) | 2, Flags = 8 << 3;
    }
}

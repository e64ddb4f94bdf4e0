using Pipeline.Schemas.Validation;

namespace Pipeline.Schemas.Wire;

/// <summary>
/// Reads the reports of a <see cref="VmReports"/> one by one and makes no objects. What it reads is what <see cref="VmReports.Parser"/>
/// reads: unknown fields are passed over, the last value of a field counts, a message met twice is merged. What it does not read ends with
/// <see cref="Failed"/>, which says nothing about the record: it is to be parsed the plain way.
/// </summary>
public ref struct ReportReader(ReadOnlySpan<byte> value)
{
    // Field number * 8 + wire type, see metrics.proto.
    private const uint Reports = 0x0A;
    private const uint Vm = 0x0A, Cell = 0x12, Time = 0x19, Interval = 0x20, Sequence = 0x28, Cores = 0x35, Memory = 0x38, Own = 0x42, Functions = 0x4A, HostId = 0x52, Hypervisor = 0x5A, Tenant = 0x62, Calls = 0x6A;
    private const uint FunctionsCpu = 0x0D, FunctionsMemory = 0x10;
    private const uint Float = 5;

    private readonly ReadOnlySpan<byte> bytes = value;
    private int at;

    public bool Failed { get; private set; }

    /// <summary>Reads the next report; false at the end, or with <see cref="Failed"/>.</summary>
    /// <param name="values">Its numbers.</param>
    /// <param name="vm">Its VM's name, UTF-8 not checked; empty where there is none.</param>
    /// <param name="cell">Its cell's, likewise.</param>
    public bool TryNext(out ReportValues values, out ReadOnlySpan<byte> vm, out ReadOnlySpan<byte> cell)
    {
        values = default;
        vm = cell = default;
        while (at < bytes.Length)
        {
            int from = WireReader.ReadTag(bytes, at, out uint tag);
            if (from != WireReader.Broken && tag == Reports)
            {
                at = WireReader.ReadBytes(bytes, from, out ReadOnlySpan<byte> report);
                Failed |= at == WireReader.Broken || !ReadReport(report, ref values, ref vm, ref cell);
                return !Failed;
            }
            at = WireReader.Skip(bytes, from, tag);
        }
        Failed |= at != bytes.Length;
        return false;
    }

    private static bool ReadReport(ReadOnlySpan<byte> bytes, ref ReportValues values, ref ReadOnlySpan<byte> vm, ref ReadOnlySpan<byte> cell)
    {
        int at = 0;
        bool whole = true;
        while (at < bytes.Length)
        {
            at = WireReader.ReadTag(bytes, at, out uint tag);
            if (at == WireReader.Broken) return false;
            switch (tag)
            {
                case Vm: at = WireReader.ReadBytes(bytes, at, out vm); break;
                case Cell: at = WireReader.ReadBytes(bytes, at, out cell); break;
                case Time: at = WireReader.ReadFixed64(bytes, at, out long time); values.TimeUnixMs = time; break;
                case Interval: at = WireReader.ReadVarint(bytes, at, out ulong interval); values.IntervalMs = (uint)interval; break;
                case Sequence: at = WireReader.ReadVarint(bytes, at, out ulong sequence); values.Sequence = sequence; break;
                case Cores: at = WireReader.ReadFloat(bytes, at, out float cores); values.Cores = cores; break;
                case Memory: at = WireReader.ReadVarint(bytes, at, out ulong memory); values.MemoryBytes = memory; break;
                case Own:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> own);
                    whole &= ReadSignals(own, ref values);
                    break;
                case Functions:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> functions);
                    whole &= ReadFunctions(functions, ref values);
                    break;
                case HostId:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> host);
                    whole &= IsPlain(host);
                    values.Host = ReportValues.HashOf(host);
                    break;
                case Hypervisor:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> hypervisor);
                    whole &= IsPlain(hypervisor);
                    values.Hypervisor = ReportValues.HashOf(hypervisor);
                    break;
                case Tenant:
                    at = WireReader.ReadBytes(bytes, at, out ReadOnlySpan<byte> tenant);
                    whole &= IsPlain(tenant);
                    values.Tenant = ReportValues.HashOf(tenant);
                    break;
                // They need names, so objects.
                case Calls: return false;
                default: at = WireReader.Skip(bytes, at, tag); break;
            }
        }
        return whole && at == bytes.Length;
    }

    /// <summary>What may be wrong with a name, or is beyond ASCII, is left to the parser and the validator.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name) => name.Length <= Bounds.NameLengthMax && !name.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static bool ReadSignals(ReadOnlySpan<byte> bytes, ref ReportValues values)
    {
        values.HasOwn = true;
        int at = 0;
        while (at < bytes.Length)
        {
            at = WireReader.ReadTag(bytes, at, out uint tag);
            // All signals are floats, numbered from 1.
            if (at == WireReader.Broken || (tag & 7) != Float || tag >> 3 > SignalValues.Count)
            {
                at = WireReader.Skip(bytes, at, tag);
                continue;
            }
            at = WireReader.ReadFloat(bytes, at, out float signal);
            values.Set((int)(tag >> 3) - 1, signal);
        }
        return at == bytes.Length;
    }

    private static bool ReadFunctions(ReadOnlySpan<byte> bytes, ref ReportValues values)
    {
        values.HasFunctions = true;
        int at = 0;
        while (at < bytes.Length)
        {
            at = WireReader.ReadTag(bytes, at, out uint tag);
            if (at == WireReader.Broken) return false;
            switch (tag)
            {
                case FunctionsCpu: at = WireReader.ReadFloat(bytes, at, out float cpu); values.FunctionsCpuUtilization = cpu; break;
                case FunctionsMemory: at = WireReader.ReadVarint(bytes, at, out ulong memory); values.FunctionsMemoryBytes = memory; break;
                default: at = WireReader.Skip(bytes, at, tag); break;
            }
        }
        return at == bytes.Length;
    }
}

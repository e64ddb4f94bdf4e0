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
    private const uint Vm = 0x0A, Cell = 0x12, Time = 0x19, Interval = 0x20, Sequence = 0x28, Cores = 0x35, Memory = 0x38, Own = 0x42, Functions = 0x4A;
    private const uint FunctionsCpu = 0x0D, FunctionsMemory = 0x10;
    private const uint Float = 5;

    private WireReader reader = new(value);

    public bool Failed { get; private set; }

    /// <summary>Reads the next report; false at the end, or with <see cref="Failed"/>.</summary>
    /// <param name="values">Its numbers.</param>
    /// <param name="vm">Its VM's name, UTF-8 not checked; empty where there is none.</param>
    /// <param name="cell">Its cell's, likewise.</param>
    public bool TryNext(out ReportValues values, out ReadOnlySpan<byte> vm, out ReadOnlySpan<byte> cell)
    {
        values = default;
        vm = cell = default;
        while (!reader.AtEnd)
        {
            uint tag = reader.ReadTag();
            if (tag == Reports)
            {
                ReadOnlySpan<byte> report = reader.ReadBytes();
                Failed |= reader.Failed || !ReadReport(report, ref values, ref vm, ref cell);
                return !Failed;
            }
            reader.Skip(tag);
        }
        Failed |= reader.Failed;
        return false;
    }

    private static bool ReadReport(ReadOnlySpan<byte> bytes, ref ReportValues values, ref ReadOnlySpan<byte> vm, ref ReadOnlySpan<byte> cell)
    {
        WireReader reader = new(bytes);
        bool whole = true;
        while (!reader.AtEnd)
        {
            uint tag = reader.ReadTag();
            switch (tag)
            {
                case Vm: vm = reader.ReadBytes(); break;
                case Cell: cell = reader.ReadBytes(); break;
                case Time: values.TimeUnixMs = reader.ReadFixed64(); break;
                case Interval: values.IntervalMs = (uint)reader.ReadVarint(); break;
                case Sequence: values.Sequence = reader.ReadVarint(); break;
                case Cores: values.Cores = reader.ReadFloat(); break;
                case Memory: values.MemoryBytes = reader.ReadVarint(); break;
                case Own: whole &= ReadSignals(reader.ReadBytes(), ref values); break;
                case Functions: whole &= ReadFunctions(reader.ReadBytes(), ref values); break;
                default: reader.Skip(tag); break;
            }
        }
        return whole && !reader.Failed;
    }

    private static bool ReadSignals(ReadOnlySpan<byte> bytes, ref ReportValues values)
    {
        values.HasOwn = true;
        WireReader reader = new(bytes);
        while (!reader.AtEnd)
        {
            uint tag = reader.ReadTag();
            // All signals are floats, numbered from 1.
            if ((tag & 7) == Float && tag >> 3 <= SignalValues.Count) values.Set((int)(tag >> 3) - 1, reader.ReadFloat());
            else reader.Skip(tag);
        }
        return !reader.Failed;
    }

    private static bool ReadFunctions(ReadOnlySpan<byte> bytes, ref ReportValues values)
    {
        values.HasFunctions = true;
        WireReader reader = new(bytes);
        while (!reader.AtEnd)
        {
            uint tag = reader.ReadTag();
            switch (tag)
            {
                case FunctionsCpu: values.FunctionsCpuUtilization = reader.ReadFloat(); break;
                case FunctionsMemory: values.FunctionsMemoryBytes = reader.ReadVarint(); break;
                default: reader.Skip(tag); break;
            }
        }
        return !reader.Failed;
    }
}

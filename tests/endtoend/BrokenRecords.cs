using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Records that no service may take, each with the reason that its dead letter has to carry.</summary>
internal static class BrokenRecords
{
    /// <summary>Ten kinds of broken record, five of each, for the time and cell of a run.</summary>
    public static IEnumerable<BrokenRecord> All(string cell, long timeUnixMs)
    {
        for (int i = 0; i < 5; i++)
        {
            byte[] whole = new VmReports { Reports = { Report(cell, timeUnixMs) } }.ToByteArray();
            yield return Metrics(cell, [], "no report in the record");
            yield return Metrics(cell, Noise(i), "not a VmReports");
            yield return Metrics(cell, whole[..^(2 + i)], "not a VmReports");
            yield return Metrics(cell, Report(cell, timeUnixMs, r => r.Vm = ""), "vm is empty");
            yield return Metrics(cell, Report(cell, timeUnixMs, r => r.Own.CpuUtilization = float.NaN), "own.cpu_utilization is NaN");
            yield return Metrics(cell, Report(cell, timeUnixMs, r => r.TimeUnixMs = 4_000_000_000_000), "the sender's clock is wrong");
            yield return Metrics(cell, Report("elsewhere", timeUnixMs), "is not the record's key");
            yield return Metrics(cell, Report(cell, timeUnixMs, r => r.Cores = -4), "cores is -4");
            yield return new BrokenRecord(Topics.FunctionInvocations, "f", Invocation(timeUnixMs, v => v.Id = ""), "id is empty");
            yield return new BrokenRecord(Topics.FunctionInvocations, "g", Invocation(timeUnixMs, v => v.MemoryBytes = 0), "function 'f' is not the record's key");
        }
    }

    private static byte[] Noise(int seed)
    {
        byte[] bytes = new byte[64];
        new Random(seed).NextBytes(bytes);
        // Field 1 with a length that runs out of the buffer: never a valid message, whatever follows.
        bytes[0] = 0x0A;
        bytes[1] = 0x7F;
        return bytes;
    }

    private static BrokenRecord Metrics(string cell, byte[] value, string reason) => new(Topics.VmMetrics, cell, value, reason);

    private static BrokenRecord Metrics(string cell, VmReport report, string reason) =>
        Metrics(cell, new VmReports { Reports = { report } }.ToByteArray(), reason);

    private static VmReport Report(string cell, long timeUnixMs, Action<VmReport>? breakIt = null)
    {
        VmReport report = new()
        {
            Vm = "broken",
            Cell = cell,
            TimeUnixMs = timeUnixMs,
            IntervalMs = 300_000,
            Sequence = 1,
            Cores = 4,
            MemoryBytes = 1 << 30,
            Own = new Signals { CpuUtilization = .5f },
        };
        breakIt?.Invoke(report);
        return report;
    }

    private static byte[] Invocation(long timeUnixMs, Action<Invocation> breakIt)
    {
        Invocation invocation = new() { Id = "broken", Function = "f", Tenant = "t", TimeUnixMs = timeUnixMs, MemoryBytes = 1 << 20 };
        breakIt(invocation);
        return invocation.ToByteArray();
    }
}

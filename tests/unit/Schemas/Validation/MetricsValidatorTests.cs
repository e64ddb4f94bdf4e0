using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Schemas.Validation;

public sealed class MetricsValidatorTests
{
    private static readonly RecordContext Context = new("cell-0", Samples.Time);

    public static TheoryData<string, Action<VmReport>> Broken => new()
    {
        { "vm is empty", r => r.Vm = "" },
        { "vm has 256 characters; at most 255 are allowed", r => r.Vm = new string('v', 256) },
        { "vm has a control character", r => r.Vm = "a\nb" },
        { "cell is empty", r => r.Cell = "" },
        { "cell 'cell-1' is not the record's key 'cell-0'", r => r.Cell = "cell-1" },
        { "time_unix_ms 17 is before 2000-01-01: Unix milliseconds are wanted", r => r.TimeUnixMs = 17 },
        { "time_unix_ms is 601 s ahead of the record's timestamp: the sender's clock is wrong", r => r.TimeUnixMs = Samples.Time + 601_000 },
        { "interval_ms is 0; 1 to 86400000 is allowed", r => r.IntervalMs = 0 },
        { "cores is 0; more than 0 is wanted", r => r.Cores = 0 },
        { "cores is 5000; 0 to 4096 is allowed", r => r.Cores = 5000 },
        { "own load is missing", r => r.Own = null },
        { "own.cpu_utilization is NaN; 0 to 2 is allowed", r => r.Own.CpuUtilization = float.NaN },
        { "own.cpu_utilization is -0.5; 0 to 2 is allowed", r => r.Own.CpuUtilization = -.5f },
        { "own.cpu_utilization is Infinity; 0 to 2 is allowed", r => r.Own.CpuUtilization = float.PositiveInfinity },
        { "own.memory_utilization is 1.5; 0 to 1 is allowed", r => r.Own.MemoryUtilization = 1.5f },
        { "functions.cpu_utilization is 3; 0 to 2 is allowed", r => r.Functions = new FunctionsUse { CpuUtilization = 3 } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_wrong_is_said_with_field_value_and_what_is_allowed(string expected, Action<VmReport> breakIt)
    {
        VmReport report = Samples.Report();
        breakIt(report);
        string? reason = MetricsValidator.Check(Samples.Reports(report), Context);
        Assert.EndsWith(": " + expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_within_bounds_passes()
    {
        VmReport report = Samples.Report(time: Samples.Time + Bounds.ClockAheadMsMax);
        report.Own.CpuUtilization = 1.27f;
        Assert.Null(MetricsValidator.Check(Samples.Reports(report), Context));
    }

    [Fact]
    public void A_report_without_any_signal_passes() =>
        Assert.Null(MetricsValidator.Check(Samples.Reports(new VmReport(Samples.Report()) { Own = new Signals() }), Context));

    [Fact]
    public void An_empty_record_is_refused() => Assert.Equal("no report in the record", MetricsValidator.Check(new VmReports(), Context));

    [Fact]
    public void One_bad_report_names_its_vm()
    {
        VmReport bad = Samples.Report("vm-7");
        bad.Cores = -1;
        Assert.Equal("report of VM 'vm-7': cores is -1; more than 0 is wanted", MetricsValidator.Check(Samples.Reports(Samples.Report(), bad), Context));
    }
}

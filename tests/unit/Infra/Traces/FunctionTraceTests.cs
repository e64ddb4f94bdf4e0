using CsCheck;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Infra.Traces;

public sealed class FunctionTraceTests : IDisposable
{
    private const string Header = "function,app,owner,dur_min_ms,dur_p1_ms,dur_p25_ms,dur_p50_ms,dur_p75_ms,dur_p99_ms,dur_max_ms,mem_p99_mb";

    private readonly TraceFolder folder = new();

    public FunctionTraceTests() => folder
        .With("functions.csv", Header, "f,app,tenant,1,2,10,20,40,100,300,128", "g,app,other,1,1,1,1,1,1,1,64")
        .With("invocations.csv.gz", "minute,function,count", "0,f,3", "0,g,1", "2,f,4");

    [Fact]
    public void Functions_and_counts_are_read()
    {
        FunctionTrace trace = FunctionTrace.Load(folder.Info);

        TracedFunction f = trace.Functions[0];
        Assert.Equal(("f", "tenant", 128UL << 20), (f.Name, f.Tenant, f.MemoryBytes));
        Assert.Equal([1, 2, 10, 20, 40, 100, 300], f.DurationMs);
        Assert.Equal([(0, 0, 3), (0, 1, 1), (2, 0, 4)], trace.Calls);
        Assert.Equal(3, trace.Minutes);
    }

    [Fact]
    public void Percentiles_outside_the_extremes_are_made_not_to_fall()
    {
        folder.With("functions.csv", Header, "f,app,tenant,5,2,10,20,40,100,80,128", "g,app,other,1,1,1,1,1,1,1,64");

        Assert.Equal([5, 5, 10, 20, 40, 100, 100], FunctionTrace.Load(folder.Info).Functions[0].DurationMs);
    }

    [Fact]
    public void A_call_of_an_unknown_function_is_refused()
    {
        folder.With("invocations.csv.gz", "minute,function,count", "0,f,3", "0,h,1");

        Assert.EndsWith("invocations.csv.gz, line 3, column 'function': 'h' is not in functions.csv", Assert.Throws<UserException>(() => FunctionTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_are_put_into_the_order_of_minutes()
    {
        folder.With("invocations.csv.gz", "minute,function,count", "1,g,1", "1,f,3", "0,g,2");

        Assert.Equal([(0, 1, 2), (1, 0, 3), (1, 1, 1)], FunctionTrace.Load(folder.Info).Calls);
    }

    [Fact]
    public void A_count_of_none_is_refused()
    {
        folder.With("invocations.csv.gz", "minute,function,count", "1,f,0");

        Assert.Contains("line 2, column 'count': '0' is not a whole number from 1", Assert.Throws<UserException>(() => FunctionTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_column_is_named()
    {
        folder.With("functions.csv", "function,app,owner", "f,app,tenant");

        Assert.Contains("no column 'mem_p99_mb'; the header has function, app, owner", Assert.Throws<UserException>(() => FunctionTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantiles_are_met_at_their_levels_and_geometric_between()
    {
        TracedFunction duration = new("f", "t", 1, [1, 2, 10, 20, 40, 100, 300]);

        Assert.Equal([1, 2, 10, 20, 40, 100, 300], new[] { 0, .01, .25, .5, .75, .99, 1 }.Select(duration.DurationAt));
        Assert.Equal(Math.Sqrt(10 * 20), duration.DurationAt(.375), 9);
        Assert.Equal(Math.Sqrt(100 * 300), duration.DurationAt(.995), 9);
    }

    [Fact]
    public void Durations_never_fall_with_the_level() =>
        Gen.Select(Gen.Double[0, 1000].Array[7], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((values, a, b) =>
        {
            Array.Sort(values);
            TracedFunction duration = new("f", "t", 1, values);
            Assert.True(duration.DurationAt(Math.Min(a, b)) <= duration.DurationAt(Math.Max(a, b)) + 1e-9);
            Assert.InRange(duration.DurationAt(a), values[0] - 1e-9, values[6] + 1e-9);
        });

    [Fact]
    public void The_committed_functions_are_called_over_300_minutes()
    {
        FunctionTrace trace = FunctionTrace.Load(new DirectoryInfo(Path.Combine(Repository.Root, "ingest", "traces", "azure-functions-2019")));

        Assert.Equal((117, 300, 617_215), (trace.Functions.Count, trace.Minutes, trace.Calls.Sum(c => c.Count)));
        Assert.All(trace.Functions, f => Assert.InRange(f.DurationAt(.5), 0, 300_000));
    }

    public void Dispose() => folder.Dispose();
}

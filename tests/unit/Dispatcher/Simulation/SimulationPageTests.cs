using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class SimulationPageTests
{
    [Fact]
    public void What_an_oracle_helps_is_shown_where_it_helps_only_the_slowest_calls()
    {
        string page = SimulationPage.Of([Run(Signal.None, 10, 20), Run(Signal.Oracle, 11, 15), Run(Signal.Last, 10, 16)], null, null).ToHtml();
        Assert.Contains("25.0 % of the 99 % quantile", page, StringComparison.Ordinal);
        Assert.Contains("80 [80, 80]", page, StringComparison.Ordinal);
    }

    private static SimulationRun Run(string signal, double mean, double p99) =>
        new(ExpectedCompletionTimePolicy.PolicyName, signal, .7, 1, TestMeasures.Of(mean, windows: 1) with { P99 = p99, Windows = [(1, mean, p99)] });
}

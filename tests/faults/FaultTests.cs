using Pipeline.Tests.Faults.AgentOutage;
using Pipeline.Tests.Faults.Faults;
using Pipeline.Tests.Integration.Kafka;
using Xunit;
using Xunit.Abstractions;

namespace Pipeline.Tests.Faults;

/// <summary>A short run of the quickest faults; all of them, and longer, by the program.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    [DistributionFact]
    public Task Killed_services_lose_and_repeat_nothing() => RunAsync("kill-service", times: 3);

    [DistributionFact]
    public Task Behind_an_open_transaction_nothing_is_overlooked() => RunAsync("open-transaction", times: 2);

    [DistributionFact]
    public async Task Over_an_outage_and_twenty_kills_every_report_of_an_agent_arrives_or_is_accounted_for()
    {
        using StringWriter said = new();
        OutageResult result = await new OutageRun(new OutageOptions(), TextWriter.Synchronized(said)).RunAsync(CancellationToken.None);
        output.WriteLine(said.ToString());
        Assert.True(result.Passed, result.ToString());
    }

    private async Task RunAsync(string name, int times)
    {
        using StringWriter said = new();
        await using Fault fault = FaultCatalog.Create(name);
        FaultResult result = await new FaultRun(fault, new RunOptions { Times = times, Seconds = 1 }, TextWriter.Synchronized(said)).RunAsync(CancellationToken.None);
        output.WriteLine(said.ToString());
        Assert.True(result.Passed, result.ToString());
    }
}

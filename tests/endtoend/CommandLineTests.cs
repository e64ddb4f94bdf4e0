namespace Pipeline.Tests.EndToEnd;

/// <summary>What a user sees of the programs before they do anything.</summary>
public sealed class CommandLineTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("ingest")]
    [InlineData("ingest", "agent")]
    [InlineData("ingest", "replay")]
    [InlineData("processors")]
    [InlineData("processors", "store")]
    [InlineData("processors", "communities")]
    [InlineData("predictor", "serve")]
    [InlineData("predictor", "train")]
    [InlineData("predictor", "evaluate")]
    [InlineData("dispatcher", "serve")]
    [InlineData("dispatcher", "workers")]
    [InlineData("dispatcher", "simulate")]
    public async Task Every_verb_says_what_it_does(string room, params string[] verb)
    {
        (int exit, string output) = await ServiceProcess.RunAsync(Timeout, room, [.. verb, "--help"]);
        Assert.Equal(0, exit);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no Kafka cluster: give --kafka host:port or set KAFKA_BOOTSTRAP_SERVERS", "processors")]
    [InlineData("no Kafka cluster: give --kafka host:port or set KAFKA_BOOTSTRAP_SERVERS", "dispatcher", "serve")]
    [InlineData("--grace is 'soon'; a time such as 30s, 5m, 2h or 1d is wanted", "processors", "--grace", "soon")]
    [InlineData("--refresh is 0; 1 to 288 is allowed", "processors", "--refresh", "0")]
    public async Task A_wrong_option_ends_with_one_clear_message(string message, string room, params string[] arguments)
    {
        (int exit, string output) = await ServiceProcess.RunAsync(Timeout, room, arguments);
        Assert.NotEqual(0, exit);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_prints_one_report_without_any_kafka()
    {
        (int exit, string output) = await ServiceProcess.RunAsync(Timeout, "ingest", "agent", "--once");
        Assert.True(exit == 0, output);
        Assert.Contains("cpu_utilization", output, StringComparison.Ordinal);
    }
}

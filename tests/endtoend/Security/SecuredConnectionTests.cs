using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd.Security;

/// <summary>Programs reach a broker that is protected by what stands in the file of <c>--kafka-config</c>, and say clearly, without any secret, when that is wrong.</summary>
public sealed class SecuredConnectionTests(SecuredBroker broker) : IClassFixture<SecuredBroker>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Look = TimeSpan.FromMilliseconds(500);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-secured-");

    private string TrustsBroker => "ssl.ca.location=" + broker.RootFile;

    [DistributionFact]
    public Task An_agent_delivers_by_tls() => DeliversAsync("tls", broker.Tls, "security.protocol=ssl", TrustsBroker);

    [DistributionFact]
    public Task An_agent_delivers_by_tls_with_a_certificate_of_its_own() =>
        DeliversAsync("mutual", broker.Mutual, "security.protocol=ssl", TrustsBroker, "ssl.certificate.location=" + broker.ClientCertificate, "ssl.key.location=" + broker.ClientKey);

    [DistributionFact]
    public Task An_agent_delivers_by_tls_and_scram() => DeliversAsync("scram", broker.Scram, Scram(SecuredBroker.Password));

    [DistributionFact]
    public Task A_certificate_of_another_authority_is_refused() =>
        SaysOnceAsync("certificate verify failed", "", broker.Tls, "security.protocol=ssl", "ssl.ca.location=" + broker.WrongRootFile);

    [DistributionFact]
    public Task A_wrong_password_is_told_and_not_shown() => SaysOnceAsync("the cluster does not let us in", "not-the-password", broker.Scram, Scram("not-the-password"));

    [DistributionFact]
    public Task A_missing_certificate_is_told() => SaysOnceAsync("certificate", "", broker.Mutual, "security.protocol=ssl", TrustsBroker);

    [DistributionFact]
    public async Task A_bridge_with_a_wrong_password_ends_and_says_why()
    {
        (int exit, string output) = await ServiceProcess.RunAsync(Patience, "ingest", "bridge", "--topic", "telegraf", "--kafka", broker.Scram.BootstrapServers, "--kafka-config", Settings("bridge", Scram("not-the-password")));
        Assert.Equal(1, exit);
        string said = Assert.Single(output.Split('\n'), l => l.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains("the cluster does not let us in", said, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sasl.password: hush", "line 1: key=value is wanted")]
    [InlineData("no.such.setting=hush", "no.such.setting")]
    [InlineData("ssl.ca.location=/does/not/exist\nsecurity.protocol=ssl", "ssl.ca.location")]
    public async Task A_wrong_settings_file_is_told_and_no_secret_shown(string text, string message)
    {
        (int exit, string output) = await ServiceProcess.RunAsync(Patience, "ingest", "agent", "--kafka", "127.0.0.1:9", "--kafka-config", Settings("wrong", text));
        Assert.Equal(1, exit);
        Assert.Contains(message, Assert.Single(output.Split('\n'), l => l.StartsWith("error: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string[] Scram(string password) =>
        ["security.protocol=sasl_ssl", TrustsBroker, "sasl.mechanism=SCRAM-SHA-256", "sasl.username=" + SecuredBroker.User, "sasl.password=" + password];

    private async Task DeliversAsync(string vm, KafkaListener listener, params string[] settings)
    {
        await using ServiceProcess agent = Agent(vm, listener, settings);
        using CancellationTokenSource patience = new(Patience);
        while (!Vms(patience.Token).Contains(vm))
        {
            agent.AssertRunning();
            await Task.Delay(Look, patience.Token);
        }
        Assert.DoesNotContain(SecuredBroker.Password, agent.Output, StringComparison.Ordinal);
    }

    /// <summary>An agent that is not let in goes on: it keeps what it measures. It says so once, however often it tries.</summary>
    private async Task SaysOnceAsync(string message, string secret, KafkaListener listener, params string[] settings)
    {
        await using ServiceProcess agent = Agent("refused", listener, settings);
        using CancellationTokenSource patience = new(Patience);
        while (!agent.Output.Contains("not delivered", StringComparison.Ordinal) && !agent.Output.Contains(message, StringComparison.Ordinal)) await Task.Delay(Look, patience.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), patience.Token);
        agent.AssertRunning();
        string said = Assert.Single(agent.Output.Split('\n'), l => l.Contains("--kafka-config", StringComparison.Ordinal));
        Assert.Contains(message, said, StringComparison.Ordinal);
        if (secret.Length > 0) Assert.DoesNotContain(secret, agent.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", Vms(patience.Token));
    }

    private ServiceProcess Agent(string vm, KafkaListener listener, string[] settings) => ServiceProcess.Start(
        "ingest", "agent", "--vm", vm, "--interval", "1", "--kafka", listener.BootstrapServers, "--kafka-config", Settings(vm, settings), "--spool", Path.Combine(folder.FullName, vm));

    private string Settings(string name, params string[] lines)
    {
        string path = Path.Combine(folder.FullName, name + ".properties");
        File.WriteAllLines(path, lines);
        return path;
    }

    private HashSet<string> Vms(CancellationToken cancel)
    {
        using IPartitionReader reader = new ConfluentClients(broker.Plain, NullLoggerFactory.Instance).OpenReader();
        return [.. TopicContents.Read(reader, Topics.VmMetrics.Name, null, cancel).SelectMany(r => VmReports.Parser.ParseFrom(r.Value).Reports).Select(r => r.Vm)];
    }
}

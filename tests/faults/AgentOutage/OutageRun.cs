using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary>
/// Agents as processes report to a broker of their own. The broker is killed, stays away, and comes back; the agents are killed again and
/// again meanwhile, and once more while they send what waited. Then every number up to each agent's highest is in the topic, or the agent
/// says that it gave it up.
/// </summary>
internal sealed class OutageRun(OutageOptions options, TextWriter progress)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(10);

    /// <summary>A kill costs the report that was about to be made, and the time in which the next process starts; a busy machine takes long for that.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(10);

    private readonly long began = TimeProvider.System.GetTimestamp();
    private readonly List<string> failures = [];

    public async Task<OutageResult> RunAsync(CancellationToken cancel)
    {
        if (KafkaCluster.Distribution is not { } home) throw new UserException("the broker is killed: set KAFKA_HOME to a Kafka distribution (needs Java 17)");
        await using KafkaBroker broker = await KafkaBroker.StartAsync(home);
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka, cancel);
        List<KilledAgent> agents = [];
        try
        {
            for (int i = 0; i < options.Agents; i++)
            {
                double? small = i > 0 && i + 1 == options.Agents ? options.SmallSpoolMegabytes : null;
                agents.Add(new KilledAgent(string.Create(CultureInfo.InvariantCulture, $"vm-{i}"), broker.BootstrapServers, options.Interval, small));
            }
            if (!await UntilAsync(kafka, agents, b => b.Arrived >= 3, cancel)) throw new UserException($"the agents do not report; the first says:\n{agents[0].Output}");
            Say("the broker is killed");
            await broker.KillAsync();
            using (Reserve(broker)) await Task.WhenAll(agents.Select((a, i) => KillAgainAndAgainAsync(a, new Random(unchecked((options.Seed * 31) + i)), cancel)));
            Say("the broker comes back");
            broker.Restart();
            long back = TimeProvider.System.GetTimestamp(), backMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await UntilAsync(kafka, agents, b => b.NewestMs > backMs, cancel);
            await Task.WhenAll(agents.Select(a => a.KillAsync()));
            if (!await UntilAsync(kafka, agents, b => b.NewestMs > backMs && b.IsSettled, cancel)) failures.Add($"not all is there {Patience} after the broker's return");
            double backAfter = TimeProvider.System.GetElapsedTime(back).TotalSeconds;
            await Task.WhenAll(agents.Select(a => a.EndAsync()));
            return Close(Read(kafka, cancel), agents, backAfter);
        }
        finally
        {
            foreach (KilledAgent agent in agents) await agent.DisposeAsync();
        }
    }

    /// <summary>Spreads the kills over the outage, one at a random moment of each of its parts.</summary>
    private async Task KillAgainAndAgainAsync(KilledAgent agent, Random random, CancellationToken cancel)
    {
        TimeSpan part = options.Outage / Math.Max(1, options.Kills);
        long since = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < options.Kills; i++)
        {
            await WaitAsync((i + random.NextDouble()) * part);
            await agent.KillAsync();
            if (agent.Vm == "vm-0") Say($"{agent.Vm} was killed {agent.Kills} times");
        }
        await WaitAsync(options.Outage);

        Task WaitAsync(TimeSpan until) => Task.Delay(TimeSpan.FromTicks(Math.Max(0, (until - TimeProvider.System.GetElapsedTime(since)).Ticks)), cancel);
    }

    /// <summary>Nobody else shall get the broker's port while it is away. It is bound, but nobody listens: whoever connects is refused, as before.</summary>
    private static Socket Reserve(KafkaBroker broker)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(IPEndPoint.Parse(broker.BootstrapServers));
        return socket;
    }

    private static async Task<bool> UntilAsync(KafkaConnection kafka, List<KilledAgent> agents, Predicate<ReportBooks> met, CancellationToken cancel)
    {
        long since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < Patience)
        {
            Dictionary<string, ReportBooks> books = Read(kafka, cancel);
            if (agents.All(a => books.TryGetValue(a.Vm, out ReportBooks? of) && met(of))) return true;
            await Task.Delay(Look, cancel);
        }
        return false;
    }

    private static Dictionary<string, ReportBooks> Read(KafkaConnection kafka, CancellationToken cancel)
    {
        using IPartitionReader reader = new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();
        return ReportBooks.Read(reader, cancel);
    }

    private OutageResult Close(Dictionary<string, ReportBooks> all, List<KilledAgent> agents, double backAfter)
    {
        foreach (KilledAgent agent in agents)
        {
            // What was given up tells of nothing any more.
            ReportBooks of = all[agent.Vm];
            TimeSpan told = of.Told + (options.Interval * of.Missing), least = agent.Ran - ((agent.Kills + 1) * (options.Interval + StartMax));
            if (told < least) failures.Add($"{agent.Vm} ran for {agent.Ran} and its reports tell of {told}");
            if (told > agent.Ran + options.Interval) failures.Add($"{agent.Vm} ran for {agent.Ran} and its reports tell of more: {told}");
            Say($"{agent.Vm}: made {of.Made}, arrived {of.Arrived}, gave up {of.GivenUp}, repeated {of.Repeated}, ran {agent.Ran.TotalSeconds:0} s, told of {told.TotalSeconds:0} s");
        }
        foreach (string failure in failures) Say("FAILURE: " + failure);
        ReportBooks[] books = [.. agents.Select(a => all[a.Vm])];
        return new OutageResult
        {
            Seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds,
            Outage = options.Outage.TotalSeconds,
            Agents = agents.Count,
            Killed = agents.Sum(a => a.Kills),
            Made = books.Sum(b => b.Made),
            Arrived = books.Sum(b => b.Arrived),
            GivenUp = books.Sum(b => b.GivenUp),
            Waited = books.Max(b => b.Waited),
            BackAfter = backAfter,
            Covered = books.Sum(b => (b.Told + (options.Interval * b.Missing)).TotalSeconds) / agents.Sum(a => a.Ran.TotalSeconds),
            Lost = books.Sum(b => Math.Max(0, b.Missing - b.GivenUp)),
            GivenUpAndArrived = books.Sum(b => Math.Max(0, b.GivenUp - b.Missing)),
            Repeated = books.Sum(b => b.Repeated),
            Differing = books.Sum(b => b.Differing),
            Failures = failures,
        };
    }

    private void Say(string text) => progress.WriteLine($@"{TimeProvider.System.GetElapsedTime(began):hh\:mm\:ss} {text}");
}

using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.Checks;
using Pipeline.Tests.Simulation.Faults;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.World;

/// <summary>
/// One run: a broker, agents, gateways, the services and a network that fails, all on one thread and driven by one seed.
/// First everything happens with faults; then the faults end, the world comes to rest, and the topics are held against what had to be.
/// </summary>
public sealed class SimulatedWorld : IWorld
{
    private const int SessionMs = 500, TransactionMs = 900, RestRounds = 40, RoundMs = 30, RoundsMax = 2000, TickMsMax = 10, BurstMax = 8;

    /// <summary>A pause within a pause within a pause only lets time pass.</summary>
    private const int DepthMax = 2;

    /// <summary>State is read from topics an hour back by the clock: all jumps of a run together stay well below.</summary>
    private const int JumpsMax = 5, JumpMsMax = 300_000;

    private readonly Random random;
    private readonly SimulatedClock clock = new(SourcePlan.Clock);
    private readonly SimulatedKafka kafka;
    private readonly SourcePlan plan;
    private readonly FaultRates rates;
    private readonly List<ServiceInstance> instances = [];
    private readonly List<Observer> observers = [];
    private readonly Queue<Action> network = new();
    private int sent, depth, jumps;

    public SimulatedWorld(int seed, bool faults = true, Sabotage sabotage = Sabotage.None)
    {
        random = new Random(seed);
        plan = SourcePlan.Draw(random);
        rates = faults ? FaultRates.Draw(random) : FaultRates.None;
        kafka = SimulatedKafka.WithCatalogue(clock, new BrokerRules
        {
            Transactions = sabotage != Sabotage.NoTransactions,
            Fencing = sabotage != Sabotage.NoFencing,
            SessionTimeoutMs = SessionMs,
            TransactionTimeoutMs = TransactionMs,
        });
        foreach (Func<Topology> service in (Func<Topology>[])[ServiceCatalog.Processors, ServiceCatalog.Predictor, ServiceCatalog.Dispatcher, ServiceCatalog.Workers])
            AddInstances(service, faults ? random.Next(1, 3) : 1, sabotage);
        foreach (string topic in Oracle.Outputs) observers.Add(new Observer(kafka, topic));
    }

    public long ElapsedMs => clock.ElapsedMs;

    /// <summary>Hears what happens; null: nobody does.</summary>
    public Action<string>? Log { get; init; }

    public void Tell(string what) => Log?.Invoke($"{ElapsedMs,6} ms  {what}");

    /// <summary>Runs to the end.</summary>
    /// <returns>What went wrong, and how much happened.</returns>
    public RunResult Run()
    {
        while (sent < plan.Events.Count) Tick();
        for (int i = random.Next(200); i > 0; i--) Tick();
        Tell("the faults are over");
        bool atRest = ComeToRest();
        foreach (Observer observer in observers) observer.Look();
        List<Anomaly> anomalies = [.. Oracle.Check(kafka, plan), .. observers.SelectMany(o => o.Check())];
        if (!atRest) anomalies.Insert(0, new Anomaly("unrest", "the services do not come to rest"));
        foreach (ServiceInstance instance in instances) instance.Dispose();
        return new RunResult(anomalies, instances.Sum(i => i.Inputs), instances.Sum(i => i.Crashes), instances.Sum(i => i.Restarts));
    }

    public void Post(Action request) => network.Enqueue(request);

    public void LetOthersRun(long ms)
    {
        long until = ElapsedMs + ms;
        if (depth >= DepthMax)
        {
            Pass(ms);
            return;
        }
        depth++;
        while (ElapsedMs < until) Tick();
        depth--;
    }

    private void AddInstances(Func<Topology> service, int count, Sabotage sabotage)
    {
        for (int i = 0; i < count; i++)
        {
            string name = i == 0 ? "a" : "b";
            FaultInjector injector = new($"{service.Method.Name} {name}", new Random(random.Next()), this) { Rates = rates };
            StreamOptions options = new()
            {
                Instance = name,
                CommitInterval = TimeSpan.FromMilliseconds(random.Next(3) switch { 0 => 0, 1 => 20, _ => 60 }),
                CommitRecords = random.Next(1, 30),
            };
            instances.Add(new ServiceInstance(service, options, new FaultyClients(kafka, injector, sabotage), injector, clock));
        }
    }

    /// <summary>A little time passes and somebody does something.</summary>
    private void Tick()
    {
        if (jumps < JumpsMax && random.NextDouble() < rates.Jump)
        {
            jumps++;
            clock.Jump(random.Next(-JumpMsMax, JumpMsMax));
        }
        Pass(random.Next(TickMsMax));
        if (network.Count > 0 && random.Next(3) == 0) Deliver();
        int who = random.Next(instances.Count + 2);
        if (who < instances.Count) Act(instances[who]);
        else if (who == instances.Count) observers[random.Next(observers.Count)].Look();
        else if (sent < plan.Events.Count) Send(plan.Events[sent++]);
    }

    private void Pass(long ms)
    {
        clock.Advance(ms);
        foreach (ServiceInstance instance in instances) instance.Heartbeat();
        kafka.Expire();
    }

    private void Act(ServiceInstance instance)
    {
        if (random.NextDouble() < rates.Pause) instance.Leave();
        for (int i = random.Next(1, BurstMax); i > 0 && instance.Step(); i--)
        {
        }
    }

    private void Send(SourceEvent e) => kafka.Append(e.Topic, e.Key, e.Value);

    private void Deliver()
    {
        try
        {
            network.Dequeue()();
        }
        catch (StreamClientException)
        {
            // The broker refused it, and whoever sent it is gone.
        }
    }

    private bool ComeToRest()
    {
        foreach (ServiceInstance instance in instances) instance.Injector.Rates = FaultRates.None;
        int quiet = 0;
        for (int round = 0; round < RoundsMax && quiet < RestRounds; round++)
        {
            bool busy = network.Count > 0;
            while (network.Count > 0) Deliver();
            foreach (ServiceInstance instance in instances)
            {
                while (instance.Step()) busy = true;
                instance.Commit();
                busy |= !instance.IsAlive;
            }
            Pass(RoundMs);
            quiet = busy ? 0 : quiet + 1;
        }
        return quiet >= RestRounds;
    }
}

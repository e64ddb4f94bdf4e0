using System.Globalization;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Tests.Simulation.World;

/// <summary>A small fleet and a few calls: some reports are lost, late or sent twice, some records are poison, some calls are asked for twice.</summary>
internal sealed class SourcePlan
{
    private const int VmsPerCell = 2, Functions = 3, Poison = 3;

    private const long StepMs = 300_000, StartUnixMs = 1_795_392_000_000;

    /// <summary>They lie in different partitions.</summary>
    private static readonly string[] Cells = ["cell-0", "cell-2"];

    private readonly Random random;
    private readonly List<(double At, SourceEvent Event)> events = [];
    private readonly Dictionary<string, ulong> sequences = [];

    private SourcePlan(Random random) => this.random = random;

    /// <summary>In the order in which they are sent.</summary>
    public required IReadOnlyList<SourceEvent> Events { get; init; }

    /// <summary>Ids of all calls; each is to be answered once.</summary>
    public required IReadOnlySet<string> Calls { get; init; }

    /// <summary>The fleet as its own trace: workers run on it.</summary>
    public static FleetTrace Fleet { get; } = new()
    {
        Vms = [.. Cells.SelectMany(c => Enumerable.Range(0, VmsPerCell).Select(v => Name(c, v)))],
        Cores = [.. Cells.SelectMany(_ => Enumerable.Repeat(4f, VmsPerCell))],
        MemoryBytes = [.. Cells.SelectMany(_ => Enumerable.Repeat(8ul << 30, VmsPerCell))],
        StartUnixMs = StartUnixMs,
        SlotMs = (int)StepMs,
        SlotCount = 1,
        Cpu = [.. Cells.SelectMany(_ => Enumerable.Repeat(.3f, VmsPerCell))],
    };

    public static IReadOnlyList<TracedFunction> TracedFunctions { get; } =
        [.. Enumerable.Range(0, Functions).Select(f => new TracedFunction(Function(f), "tenant", 128ul << 20, [10, 20, 50, 100, 200, 500, 1000]))];

    /// <summary>After the last event of any plan.</summary>
    public static DateTimeOffset Clock { get; } = DateTimeOffset.FromUnixTimeMilliseconds(StartUnixMs).AddDays(1);

    public static SourcePlan Draw(Random random)
    {
        SourcePlan draft = new(random) { Events = [], Calls = new HashSet<string>() };
        // Now and then a run that is long enough for edges, communities and a graph that is made anew.
        int steps = random.Next(40) == 0 ? random.Next(40, 52) : random.Next(3, 9);
        for (int step = 0; step < steps; step++)
            foreach (string cell in Cells)
                for (int vm = 0; vm < VmsPerCell; vm++)
                    draft.AddReport(cell, Name(cell, vm), step);
        HashSet<string> calls = draft.AddCalls(steps);
        for (int i = 0; i < Poison; i++) draft.AddPoison(steps);
        return new SourcePlan(random) { Events = [.. draft.events.OrderBy(e => e.At).Select(e => e.Event)], Calls = calls };
    }

    private void AddReport(string cell, string vm, int step)
    {
        ulong sequence = sequences[vm] = sequences.GetValueOrDefault(vm) + 1;
        if (random.Next(20) == 0) return;
        VmReport report = new()
        {
            Vm = vm,
            Cell = cell,
            TimeUnixMs = StartUnixMs + ((step + 1) * StepMs),
            IntervalMs = (uint)StepMs,
            Sequence = sequence,
            Cores = 4,
            MemoryBytes = 8ul << 30,
            Own = new Signals { CpuUtilization = random.NextSingle(), MemoryUtilization = .5f },
        };
        SourceEvent e = Event(Topics.VmMetrics, cell, new VmReports { Reports = { report } });
        double at = step + (random.Next(15) == 0 ? 4 * random.NextDouble() : .5 * random.NextDouble());
        events.Add((at, e));
        if (random.Next(15) == 0) events.Add((at + random.NextDouble(), e));
    }

    private HashSet<string> AddCalls(int steps)
    {
        HashSet<string> ids = [];
        for (int i = random.Next(4, 13); i > 0; i--)
        {
            double at = steps * random.NextDouble();
            string function = Function(random.Next(Functions));
            Invocation call = new()
            {
                Id = function + "-" + i.ToString(CultureInfo.InvariantCulture),
                Function = function,
                Tenant = "tenant",
                TimeUnixMs = StartUnixMs + (long)(at * StepMs),
                MemoryBytes = 128ul << 20,
            };
            SourceEvent e = Event(Topics.FunctionInvocations, function, call);
            ids.Add(call.Id);
            events.Add((at, e));
            if (random.Next(4) == 0) events.Add((at + (2 * random.NextDouble()), e));
        }
        return ids;
    }

    private void AddPoison(int steps)
    {
        byte[] value = new byte[random.Next(1, 20)];
        random.NextBytes(value);
        // No message begins with a field of this number and wire type.
        value[0] = 0xff;
        bool report = random.Next(2) == 0;
        events.Add((steps * random.NextDouble(), new SourceEvent(
            report ? Topics.VmMetrics.Name : Topics.FunctionInvocations.Name,
            Encoding.UTF8.GetBytes(report ? Cells[random.Next(Cells.Length)] : Function(random.Next(Functions))),
            value)));
    }

    private static SourceEvent Event(TopicSpec topic, string key, IMessage value) => new(topic.Name, Encoding.UTF8.GetBytes(key), value.ToByteArray());

    private static string Name(string cell, int vm) => cell + "-vm-" + vm.ToString(CultureInfo.InvariantCulture);

    private static string Function(int number) => "function-" + number.ToString(CultureInfo.InvariantCulture);
}

using Pipeline.Schemas.Validation;

namespace Pipeline.Schemas;

/// <summary>The topic catalogue. Everything that creates, reads or documents topics takes them from here.</summary>
public static class Topics
{
    public const string DeadLetterSuffix = ".dead-letters";

    /// <summary>librdkafka's mock cluster makes topics with 4 partitions and cannot be told otherwise; real clusters get the same.</summary>
    public const int DefaultPartitions = 4;

    /// <summary>Chunked topics put at most so many VMs into a record; 1,000 keep a snapshot chunk below Kafka's default limit of 1 MiB.</summary>
    public const int ChunkVms = 1000;

    /// <summary>Largest value that is parsed: twice the largest chunk that we write.</summary>
    public const int MaxValueBytes = 2 * 1024 * 1024;

    public static readonly TopicSpec<VmReports> VmMetrics = new()
    {
        Name = "vm.metrics",
        Key = "cell",
        Retention = TimeSpan.FromDays(1),
        BrokerTime = true,
        Parser = VmReports.Parser,
        Validate = MetricsValidator.Check,
        Description = "report of one VM for one interval (a bridge may put several in a record)",
    };

    public static readonly TopicSpec<StepChunk> VmSteps = new()
    {
        Name = "vm.steps",
        Key = "cell",
        Retention = TimeSpan.FromDays(14),
        Parser = StepChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "closed steps of up to 1,000 VMs: the down-sampled history, from which state is restored and models learn",
    };

    public static readonly TopicSpec<SnapshotChunk> GraphSnapshots = new()
    {
        Name = "graph.snapshots",
        Key = "cell",
        Retention = TimeSpan.FromHours(6),
        Parser = SnapshotChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "snapshot of a cell at a step's end, in chunks of up to 1,000 VMs",
    };

    public static readonly TopicSpec<CommunityChunk> GraphCommunities = new()
    {
        Name = "graph.communities",
        Key = "cell",
        Retention = TimeSpan.FromDays(7),
        Parser = CommunityChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "community of each VM and what happened to communities (born, died, split, merged, grew, shrank, moved)",
    };

    public static readonly TopicSpec<PatternChunk> VmPatterns = new()
    {
        Name = "vm.patterns",
        Key = "cell",
        Retention = TimeSpan.FromDays(7),
        Parser = PatternChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "what VMs and communities do: kinds, periods, level shifts, leaders, bursts together or in turn",
    };

    public static readonly TopicSpec<PredictionChunk> VmPredictions = new()
    {
        Name = "vm.predictions",
        Key = "cell",
        Retention = TimeSpan.FromDays(1),
        Parser = PredictionChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "quantiles of each VM's peak utilisation over the next minutes",
    };

    public static readonly TopicSpec<ModelSkill> ModelSkill = new()
    {
        Name = "model.skill",
        Key = "cell",
        Retention = TimeSpan.FromDays(7),
        Parser = Pipeline.Schemas.ModelSkill.Parser,
        Validate = ModelValidator.Check,
        Description = "how well the served model and its shadows have forecast a cell of late; after each snapshot",
    };

    public static readonly TopicSpec<PredictionChunk> VmPredictionsShadow = VmPredictions with
    {
        Name = "vm.predictions.shadow",
        Description = "the same by a model that is only being tried: scored by dispatchers, never acted on",
    };

    public static readonly TopicSpec<ProfileChunk> FleetProfiles = new()
    {
        Name = "fleet.profiles",
        Key = "cell",
        Retention = TimeSpan.FromDays(14),
        Parser = ProfileChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "share of cores that is usually free at each hour of the week, of cells, communities and VMs; once a day",
    };

    public static readonly TopicSpec<AdviceChunk> FleetAdvice = new()
    {
        Name = "fleet.advice",
        Key = "cell",
        Retention = TimeSpan.FromDays(14),
        Parser = AdviceChunk.Parser,
        Validate = ChunkValidator.Check,
        Description = "free capacity of the next 24 hours with intervals, VMs wanted, and who left its profile; after each hour",
    };

    public static readonly TopicSpec<Invocation> FunctionInvocations = new()
    {
        Name = "function.invocations",
        Key = "function",
        Retention = TimeSpan.FromDays(1),
        Parser = Invocation.Parser,
        Validate = FunctionValidator.Check,
        Description = "a call of a function",
    };

    public static readonly TopicSpec<Dispatch> FunctionDispatches = new()
    {
        Name = "function.dispatches",
        Key = "VM",
        Retention = TimeSpan.FromDays(7),
        Parser = Dispatch.Parser,
        Validate = FunctionValidator.Check,
        Description = "dispatch or rejection of a call, with its decision record",
    };

    public static readonly TopicSpec<Completion> FunctionCompletions = new()
    {
        Name = "function.completions",
        Key = "function",
        Retention = TimeSpan.FromDays(7),
        Parser = Completion.Parser,
        Validate = FunctionValidator.Check,
        Description = "completion or failure of a call",
    };

    public static readonly TopicSpec<Deferral> FunctionDeferrals = new()
    {
        Name = "function.deferrals",
        Key = "function",
        Retention = TimeSpan.FromDays(1),
        Parser = Deferral.Parser,
        Validate = FunctionValidator.Check,
        Description = "a call that waits for its tenant's turn, and later that it waits no more",
    };

    public static readonly TopicSpec<Tenant> Tenants = new()
    {
        Name = "tenants",
        Key = "name",
        Compacted = true,
        Parser = Tenant.Parser,
        Validate = TenantValidator.Check,
        Description = "quotas and weight of a tenant",
    };

    public static readonly TopicSpec<VmDrain> VmDrains = new()
    {
        Name = "vm.drains",
        Key = "VM",
        Compacted = true,
        Parser = VmDrain.Parser,
        Validate = VmDrainValidator.Check,
        Description = "a VM that is to be emptied gets no more calls",
    };

    public static readonly TopicSpec<CellKeys> AgentKeys = new()
    {
        Name = "agent.keys",
        Key = "cell",
        Compacted = true,
        Parser = CellKeys.Parser,
        Validate = AgentValidator.Check,
        Description = "which keys a cell's reports are signed with, and from when on they have to be",
    };

    public static readonly TopicSpec<ReportingCommand> AgentCommands = new()
    {
        Name = "agent.commands",
        Key = "VM",
        Retention = TimeSpan.FromDays(1),
        Parser = ReportingCommand.Parser,
        Validate = AgentValidator.Check,
        Description = "what an agent is asked to do: to report closely for a while",
    };

    public static readonly TopicSpec<ModelRecord> Models = new()
    {
        Name = "models",
        Key = "\"model:\" and id, or \"serving\"",
        Compacted = true,
        Parser = ModelRecord.Parser,
        Validate = ModelValidator.Check,
        Description = "models with their cards, and which of them is served",
    };

    public static readonly IReadOnlyList<TopicSpec> All =
    [
        VmMetrics, VmSteps, GraphSnapshots, GraphCommunities, VmPatterns, VmPredictions, VmPredictionsShadow, ModelSkill, FleetProfiles, FleetAdvice,
        FunctionInvocations, FunctionDispatches, FunctionCompletions, FunctionDeferrals, Tenants, VmDrains, AgentKeys, AgentCommands, Models,
    ];

    /// <summary>Between the two stages of a bridge: what stands anywhere in a foreign topic, by machine.</summary>
    /// <param name="foreign">The topic that foreign agents write to.</param>
    /// <param name="partitions">As many as that has.</param>
    public static TopicSpec<MachinePoints> MachinePointsOf(TopicSpec foreign, int partitions) => new()
    {
        Name = foreign.Name + ".machine-points",
        Key = "machine",
        Partitions = partitions,
        Retention = TimeSpan.FromHours(6),
        Parser = MachinePoints.Parser,
        Validate = BridgeValidator.Check,
        Description = $"what the records of {foreign.Name} say, by machine",
    };

    /// <summary>Where a bridge begins to read after a restart.</summary>
    /// <param name="source">What the bridge, or a stage of it, reads.</param>
    public static TopicSpec<BridgeProgress> BridgeProgressOf(TopicSpec source) => new()
    {
        Name = source.Name + ".progress",
        Key = source.Key,
        Partitions = source.Partitions,
        Compacted = true,
        Parser = BridgeProgress.Parser,
        Validate = BridgeValidator.Check,
        Description = $"from where on {source.Name} is read after a restart",
    };

    /// <summary>The dead-letter topic of a topic: the original bytes, the reason in headers.</summary>
    public static TopicSpec DeadLettersOf(TopicSpec topic) => new()
    {
        Name = topic.DeadLetterName,
        Key = "as the source",
        Partitions = topic.Partitions,
        Retention = TimeSpan.FromDays(14),
        Description = $"records of {topic.Name} that could not be decoded or validated",
    };
}

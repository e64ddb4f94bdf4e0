namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>What a commit of offsets says about who commits.</summary>
public interface ISimulatedMember
{
    string Group { get; }

    int Member { get; }
}

namespace Pipeline.Processors.Communities;

/// <summary>What is known of a community beside its VMs.</summary>
/// <param name="Stability">How much of it other seeds find again, 0..1; see <see cref="MembershipMeasure"/>.</param>
/// <param name="VmsAtEvent">VMs that it had at its last event; growth is measured from here.</param>
public readonly record struct CommunityStanding(float Stability, int VmsAtEvent);

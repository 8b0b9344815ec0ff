<?php
/**
 * Products, kept as WordPress keeps them.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Product {

	protected $type = 'simple';
	protected $id   = 0;
	protected $data = array(
		'name'          => '',
		'sku'           => '',
		'regular_price' => '',
		'sale_price'    => '',
		'parent_id'     => 0,
		'category_ids'  => array(),
		'tag_ids'       => array(),
		'status'        => 'publish',
	);

	public function __construct( $id = 0 ) {
		if ( $id ) {
			$this->id   = (int) $id;
			$this->data = array_merge( $this->data, json_decode( get_post_meta( $id, '_double_data', true ), true ) );
		}
	}

	public function save() {
		$post     = array(
			'ID'          => $this->id,
			'post_title'  => $this->data['name'],
			'post_type'   => 'variation' === $this->type ? 'product_variation' : 'product',
			'post_status' => $this->data['status'],
			'post_parent' => $this->data['parent_id'],
		);
		$this->id = wp_insert_post( $post );
		update_post_meta( $this->id, '_double_type', $this->type );
		update_post_meta( $this->id, '_double_data', wp_json_encode( $this->data ) );
		if ( 'variation' !== $this->type ) {
			wp_set_object_terms( $this->id, array_map( 'intval', $this->data['category_ids'] ), 'product_cat' );
			wp_set_object_terms( $this->id, array_map( 'intval', $this->data['tag_ids'] ), 'product_tag' );
		}
		return $this->id;
	}

	public function set_props( array $props ) {
		$this->data = array_merge( $this->data, $props );
	}

	public function get_id() {
		return $this->id;
	}

	public function get_type() {
		return $this->type;
	}

	public function is_type( $type ) {
		return in_array( $this->type, (array) $type, true );
	}

	public function get_parent_id() {
		return (int) $this->data['parent_id'];
	}

	public function get_name() {
		return $this->data['name'];
	}

	public function get_sku() {
		return $this->data['sku'];
	}

	/** A text as the merchant typed it; empty for none. */
	public function get_price() {
		return $this->is_on_sale() ? $this->data['sale_price'] : $this->data['regular_price'];
	}

	public function get_regular_price() {
		return $this->data['regular_price'];
	}

	public function is_on_sale() {
		$sale = $this->data['sale_price'];
		return '' !== $sale && (float) $sale < (float) $this->data['regular_price'];
	}

	public function is_purchasable() {
		return 'publish' === $this->data['status'] && '' !== $this->get_price();
	}

	public function get_children() {
		return array();
	}
}

class WC_Product_Simple extends WC_Product {
}

class WC_Product_Variable extends WC_Product {

	protected $type = 'variable';

	public function get_children() {
		$asked = array(
			'post_parent' => $this->id,
			'post_type'   => 'product_variation',
			'numberposts' => -1,
			'orderby'     => 'ID',
			'order'       => 'ASC',
			'fields'      => 'ids',
		);
		return get_posts( $asked );
	}

	/** The least of its variations, as a text. */
	public function get_price() {
		$prices = array();
		foreach ( $this->get_children() as $id ) {
			$prices[] = wc_get_product( $id )->get_price();
		}
		return $prices ? min( $prices ) : '';
	}

	/** What the page gets of one variation. */
	public function get_available_variation( $variation ) {
		$data = array(
			'variation_id'        => $variation->get_id(),
			'display_price'       => (float) $variation->get_price(),
			'is_purchasable'      => $variation->is_purchasable(),
			'variation_is_active' => true,
		);
		return apply_filters( 'woocommerce_available_variation', $data, $this, $variation );
	}
}

class WC_Product_Variation extends WC_Product {

	protected $type = 'variation';

	/** What a variation lacks it has from its parent. */
	public function get_sku() {
		$parent = $this->data['sku'] ? null : wc_get_product( $this->get_parent_id() );
		return $parent ? $parent->get_sku() : $this->data['sku'];
	}

	public function variation_is_visible() {
		return 'publish' === $this->data['status'] && '' !== $this->get_price();
	}
}

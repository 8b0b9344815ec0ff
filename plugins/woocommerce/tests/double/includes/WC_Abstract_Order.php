<?php
/**
 * What orders and refunds have in common.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

abstract class WC_Abstract_Order {

	const DRAFTS = array( 'new', 'auto-draft', 'draft', 'checkout-draft' );

	protected $type      = 'shop_order';
	protected $id        = 0;
	protected $status    = 'pending';
	protected $stored    = '';
	protected $parent_id = 0;
	protected $modified  = '';
	protected $changed   = false;
	protected $meta      = array();
	protected $items     = null;
	protected $data      = array(
		'customer_id'        => 0,
		'currency'           => 'EUR',
		'total'              => '0',
		'discount_total'     => '0',
		'discount_tax'       => '0',
		'shipping_total'     => '0',
		'shipping_tax'       => '0',
		'cart_tax'           => '0',
		'prices_include_tax' => false,
		'payment_method'     => '',
		'billing_email'      => '',
		'billing_first_name' => '',
		'billing_last_name'  => '',
		'billing_country'    => '',
		'shipping_country'   => '',
		'date_created'       => '',
		'date_paid'          => '',
		'date_completed'     => '',
		'created_via'        => '',
	);

	public function __construct( $id = 0 ) {
		$row = $id ? DoubleTables::row( (int) $id ) : null;
		if ( $id && ( ! $row || $row->type !== $this->type ) ) {
			throw new Exception( 'Invalid order.' );
		}
		if ( $row ) {
			$kept            = json_decode( $row->data, true );
			$this->id        = (int) $row->id;
			$this->status    = 0 === strpos( $row->status, 'wc-' ) ? substr( $row->status, 3 ) : $row->status;
			$this->stored    = $this->status;
			$this->parent_id = (int) $row->parent_id;
			$this->modified  = $row->modified_gmt;
			$this->data      = array_merge( $this->data, $kept['data'] );
			$this->meta      = $kept['meta'];
		}
	}

	/** An Exception of any listener ends here, and what would have followed does not happen. An Error goes through. */
	public function save() {
		try {
			do_action( 'woocommerce_before_order_object_save', $this, null );
			$this->store_and_tell();
			$this->save_items();
			do_action( 'woocommerce_after_order_object_save', $this, null );
		} catch ( Exception $e ) {
			$this->add_order_note( 'Error saving order: ' . $e->getMessage() );
		}
		return $this->id;
	}

	/** The row, then the hook; items are saved later. Drafts are not announced as new, but as updated. */
	protected function store_and_tell(): void {
		$was_new = 0 === $this->id;
		$before  = $this->stored;
		$this->write_row( $this->changed || $was_new || $before !== $this->status );
		$is_draft = in_array( $this->status, self::DRAFTS, true );
		$became   = ! $is_draft && in_array( $before, self::DRAFTS, true );
		if ( 'shop_order' !== $this->type ) {
			return;
		}
		if ( $was_new || $became ) {
			if ( ! $is_draft ) {
				do_action( 'woocommerce_new_order', $this->id, $this );
			}
			return;
		}
		do_action( 'woocommerce_update_order', $this->id, $this );
	}

	protected function write_row( bool $moves_date ): void {
		if ( '' === $this->data['date_created'] ) {
			$this->data['date_created'] = gmdate( 'Y-m-d H:i:s' );
		}
		if ( $moves_date ) {
			$this->modified = gmdate( 'Y-m-d H:i:s' );
		}
		$this->id      = DoubleTables::store(
			$this->id,
			array(
				'type'         => $this->type,
				'status'       => $this->status,
				'parent_id'    => $this->parent_id,
				'customer_id'  => (int) $this->data['customer_id'],
				'modified_gmt' => $this->modified,
				'data'         => wp_json_encode(
					array(
						'data' => $this->data,
						'meta' => $this->meta,
					)
				),
			)
		);
		$this->stored  = $this->status;
		$this->changed = false;
	}

	protected function save_items(): void {
		foreach ( $this->items ?? array() as $item ) {
			$item->set_order_id( $this->id );
			$item->save();
		}
	}

	/** Within the second of the last change it is silent; later, the order is saved too, because its date moves. */
	public function save_meta_data() {
		if ( $this->id && gmdate( 'Y-m-d H:i:s' ) > $this->modified ) {
			$this->changed = true;
			$this->save();
		} elseif ( $this->id ) {
			$this->write_row( false );
		}
	}

	/** Anything but null from the filter stops the deletion. Afterwards the object has no id, in the trash neither. */
	public function delete( $force = false ) {
		$kind   = 'shop_order_refund' === $this->type ? 'order_refund' : 'order';
		$answer = apply_filters( "woocommerce_pre_delete_{$kind}", null, $this, $force );
		if ( null !== $answer ) {
			return $answer;
		}
		$this->remove( $force );
		return true;
	}

	abstract protected function remove( bool $force ): void;

	public function add_order_note( $note ) {
		$this->meta['double_notes'][] = $note;
		if ( $this->id ) {
			$this->write_row( false );
		}
	}

	public function get_items( $type = 'line_item' ) {
		$this->load_items();
		$fitting = array();
		foreach ( $this->items as $place => $item ) {
			if ( in_array( $item->get_type(), (array) $type, true ) ) {
				$key             = $item->get_id() ? $item->get_id() : 'new:' . $place;
				$fitting[ $key ] = $item;
			}
		}
		return $fitting;
	}

	public function add_item( WC_Order_Item $item ) {
		$this->load_items();
		$item->set_order_id( $this->id );
		$this->items[] = $item;
		$this->changed = true;
	}

	public function remove_item( $id ) {
		$this->load_items();
		foreach ( $this->items as $place => $item ) {
			if ( $item->get_id() === (int) $id ) {
				DoubleTables::remove_item( (int) $id );
				unset( $this->items[ $place ] );
				$this->changed = true;
			}
		}
	}

	private function load_items(): void {
		if ( null !== $this->items ) {
			return;
		}
		$this->items = array();
		foreach ( $this->id ? DoubleTables::items( $this->id ) : array() as $id => $row ) {
			$this->items[] = WC_Order_Item::from_row( $id, $this->id, $row );
		}
	}

	public function get_id() {
		return $this->id;
	}

	public function get_type() {
		return $this->type;
	}

	public function get_status( $context = 'view' ) {
		return $this->status;
	}

	public function has_status( $status ) {
		return apply_filters( 'woocommerce_order_has_status', in_array( $this->get_status(), (array) $status, true ), $this, $status );
	}

	public function get_parent_id() {
		return $this->parent_id;
	}

	public function set_parent_id( $id ) {
		$this->parent_id = (int) $id;
	}

	public function get_currency() {
		return $this->data['currency'];
	}

	public function set_currency( $currency ) {
		$this->put( 'currency', $currency );
	}

	public function get_total() {
		return $this->data['total'];
	}

	public function set_total( $total ) {
		$this->put( 'total', wc_format_decimal( $total, wc_get_price_decimals() ) );
	}

	public function get_date_modified() {
		return self::moment( $this->modified );
	}

	public function get_date_created() {
		return self::moment( $this->data['date_created'] );
	}

	protected static function moment( string $kept ): ?DateTime {
		return '' === $kept ? null : new DateTime( $kept . ' UTC' );
	}

	/** Taxes of goods and of shipping; nobody sets their sum. */
	public function get_total_tax() {
		return wc_format_decimal( $this->data['cart_tax'] + $this->data['shipping_tax'] );
	}

	/** Getters and setters of what is only kept. What the original does not have, the double has not. */
	public function __call( $name, $arguments ) {
		$key = substr( $name, 4 );
		if ( ! array_key_exists( $key, $this->data ) || ! in_array( substr( $name, 0, 4 ), array( 'get_', 'set_' ), true ) ) {
			throw new Error( "Call to undefined method $name" );
		}
		if ( 'get_' === substr( $name, 0, 4 ) ) {
			return $this->data[ $key ];
		}
		$is_amount = '0' === get_class_vars( __CLASS__ )['data'][ $key ];
		$this->put( $key, $is_amount ? wc_format_decimal( $arguments[0] ) : $arguments[0] );
	}

	public function get_meta( $key, $single = true ) {
		return $this->meta[ $key ] ?? '';
	}

	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
		$this->changed      = true;
	}

	public function delete_meta_data( $key ) {
		unset( $this->meta[ $key ] );
		$this->changed = true;
	}

	protected function put( string $name, $value ): void {
		$this->changed       = $this->changed || $this->data[ $name ] !== $value;
		$this->data[ $name ] = $value;
	}
}
